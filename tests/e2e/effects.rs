//! A service that carries a call out and resets the connection: how many effects the whole gateway makes of it.

use std::{path::Path, time::Duration};

use connector_testkit::{
    fake::{FakeService, Misbehaviour},
    fixture::FixtureSet,
};
use serde_json::{Map, Value, json};

use crate::gateway::{Gateway, HOOK_SECRET};

/// A gateway with a fake Slack, and a flow that does one step there for each issue.
async fn with_step(dir: &Path, action: &str, input: Value) -> (Gateway, FakeService) {
    let slack = connectors::registry().get("slack").unwrap();
    let fixtures =
        FixtureSet::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../connectors/slack"))).unwrap();
    let fake = FakeService::start(&slack, &fixtures).await.unwrap();
    let g = Gateway::start(dir, &["--allow-network", &fake.base_url().replace("http://", "").replacen(':', "/32:", 1)]);
    let mut values: Map<String, Value> = fake.values();
    values.extend(fake.secret_texts().into_iter().filter(|(id, _)| id == "bot_token").map(|(k, v)| (k, json!(v))));
    values.retain(|id, _| matches!(id.as_str(), "base_url" | "bot_token"));
    g.put("/v1/connections/slack", json!({"connector": "slack", "values": values})).await;
    let hook = json!({"connector": "github", "values": {"token": "x", "webhook_secret": HOOK_SECRET}});
    g.put("/v1/connections/hook", hook).await;
    let on = json!({"connector": "github", "event": "issues.*"});
    g.put("/v1/flows/f", json!({"on": on, "do": [{"connection": "slack", "action": action, "input": input}]})).await;
    fake.reset();
    (g, fake)
}

async fn one_run(g: &Gateway) -> Value {
    let body = json!({"action": "opened", "issue": {"number": 1, "title": "t"}, "repository": {"full_name": "o/r"}});
    g.github("issues", "d-1", &body.to_string()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    g.settled_runs(1).await.remove(0)
}

#[tokio::test]
async fn a_post_is_parked_with_one_effect() {
    let dir = tempfile::tempdir().unwrap();
    let (g, fake) =
        with_step(&dir.path().join("state"), "chat_post_message", json!({"channel": "C1", "text": "hi"})).await;
    fake.misbehave(Misbehaviour::ResetAfter, 1);
    let run = one_run(&g).await;
    assert_eq!(
        (run["state"].as_str(), run["error"]["retry"]["advice"].as_str()),
        (Some("parked"), Some("ambiguous")),
        "{run}"
    );
    assert_eq!((fake.effects(), fake.violations()), (1, vec![]), "{:?}", fake.received());
}

#[tokio::test]
async fn what_is_natural_is_done_again_until_it_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let input = json!({"channel": "C123ABC456", "ts": "1503435956.000247"});
    let (g, fake) = with_step(&dir.path().join("state"), "chat_delete", input).await;
    fake.misbehave(Misbehaviour::ResetAfter, 2);
    let run = one_run(&g).await;
    assert_eq!((run["state"].as_str(), run["attempts"].as_u64()), (Some("succeeded"), Some(1)), "{run}");
    assert_eq!(fake.received().len(), 3, "twice without an answer, then with one: {:?}", fake.received());
}

#[tokio::test]
async fn what_was_never_taken_is_not_parked_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let (g, fake) =
        with_step(&dir.path().join("state"), "chat_post_message", json!({"channel": "C1", "text": "hi"})).await;
    fake.misbehave(Misbehaviour::RateLimited { retry_after: Some(1) }, 2);
    let run = one_run(&g).await;
    assert_eq!(
        (run["state"].as_str(), fake.effects()),
        (Some("succeeded"), 1),
        "a refusal says that nothing was done: {run}"
    );
}

#[tokio::test]
async fn a_post_that_a_proxy_answers_with_503_is_parked_with_one_effect() {
    let dir = tempfile::tempdir().unwrap();
    let (g, fake) =
        with_step(&dir.path().join("state"), "chat_post_message", json!({"channel": "C1", "text": "hi"})).await;
    fake.misbehave(Misbehaviour::Status(503), 2);
    let run = one_run(&g).await;
    assert_eq!(
        (run["state"].as_str(), fake.effects(), fake.received().len()),
        (Some("parked"), 1, 1),
        "who names no pause may have passed it on: {run}"
    );
}

#[tokio::test]
async fn a_gateway_that_stops_waits_for_no_turn_and_parks_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let (g, fake) = with_step(&state, "chat_post_message", json!({"channel": "C1", "text": "hi"})).await;
    let mut slack = g.get("/v1/connections/slack").await;
    let values = json!({"base_url": slack["values"]["base_url"].take(), "bot_token": fake.secret_texts()["bot_token"]});
    g.put("/v1/connections/slack", json!({"connector": "slack", "values": values, "limits": ["1/min"]})).await;
    for n in 1..=2 {
        let body =
            json!({"action": "opened", "issue": {"number": n, "title": "t"}, "repository": {"full_name": "o/r"}});
        g.github("issues", &format!("d-{n}"), &body.to_string()).await;
    }
    while fake.effects() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = std::time::Instant::now();
    assert_eq!(g.stop(), Some(0));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "it did not wait for a turn a minute away: {:?}",
        began.elapsed()
    );
    assert_eq!(fake.effects(), 1);

    let g =
        Gateway::start(&state, &["--allow-network", &fake.base_url().replace("http://", "").replacen(':', "/32:", 1)]);
    let runs = g.settled_runs(2).await;
    assert!(runs.iter().all(|r| r["state"] == "succeeded"), "{runs:?}");
    assert!(runs.iter().all(|r| r["attempts"] == 1), "what only waited was no attempt: {runs:?}");
    assert_eq!(fake.effects(), 2);
}
