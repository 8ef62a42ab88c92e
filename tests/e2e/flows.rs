//! Events run flows: on, when, do, with a fake of the service at the wire.

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, header, method, path},
};

use crate::gateway::Gateway;

async fn with_fake_slack(dir: &std::path::Path, fake: &MockServer) -> Gateway {
    let g = Gateway::start(dir, &["--allow-network", &format!("127.0.0.1/32:{}", fake.address().port())]);
    g.put(
        "/v1/connections/hook",
        json!({"connector": "github", "values": {"token": "x", "webhook_secret": crate::gateway::HOOK_SECRET}}),
    )
    .await;
    g.put("/v1/connections/slack", json!({"connector": "slack", "values": {"base_url": format!("{}/api", fake.uri()), "bot_token": "canary-bot-token"}})).await;
    g
}

fn flow(when: Value, text: &str) -> Value {
    json!({"on": {"connector": "github", "event": "issues.*"}, "when": when, "do": [{"connection": "slack", "action": "chat_post_message", "input": {"channel": "C1", "text": text}}]})
}

fn issue(n: u64, title: &str) -> String {
    json!({"action": "opened", "issue": {"number": n, "title": title}, "repository": {"full_name": "o/r"}}).to_string()
}

fn posted() -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"ok": true, "channel": "C1", "ts": "1.2", "message": {"text": "x"}}))
}

#[tokio::test]
async fn an_event_that_matches_calls_the_action_once() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/chat.postMessage"))
        .and(header("authorization", "Bearer canary-bot-token"))
        .and(body_partial_json(json!({"channel": "C1", "text": "#7 a &lt;!channel&gt; b"})))
        .respond_with(posted())
        .expect(1)
        .mount(&fake)
        .await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    g.put(
        "/v1/flows/f",
        flow(
            json!(["event.payload.issue.number > 5"]),
            "#{{ event.payload.issue.number }} {{ event.payload.issue.title | chat_escape }}",
        ),
    )
    .await;
    let (_, kept) = g.github("issues", "d-1", &issue(7, "a <!channel> b")).await;
    g.github("issues", "d-1", &issue(7, "a <!channel> b")).await;
    g.github("issues", "d-2", &issue(3, "does not match")).await;
    let runs = g.settled_runs(1).await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!((runs[0]["state"].as_str().unwrap(), &runs[0]["trace_id"]), ("succeeded", &kept["trace_id"]));
    let run = g.get(&format!("/v1/runs/{}", runs[0]["id"].as_str().unwrap())).await;
    assert_eq!(run["output"]["ts"], "1.2");
    assert_eq!(run["tries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn failures_are_judged_by_advice_and_idempotency() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let reply = |text: &str, r: ResponseTemplate, times: u64| {
        Mock::given(body_partial_json(json!({"text": text}))).respond_with(r).up_to_n_times(times)
    };
    reply("limited", ResponseTemplate::new(429).insert_header("retry-after", "1"), 1).mount(&fake).await;
    reply("limited", posted(), 9).mount(&fake).await;
    reply("refused", ResponseTemplate::new(200).set_body_json(json!({"ok": false, "error": "channel_not_found"})), 9)
        .mount(&fake)
        .await;
    reply("unknown", ResponseTemplate::new(502), 9).mount(&fake).await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    g.put("/v1/flows/f", flow(json!([]), "{{ event.payload.issue.title }}")).await;
    for (i, title) in ["limited", "refused", "unknown"].into_iter().enumerate() {
        g.github("issues", &format!("d-{i}"), &issue(1, title)).await;
    }
    g.put("/v1/flows/broken", flow(json!([]), "{{ event.payload.no.such.thing }}")).await;
    g.github("issues", "d-9", &issue(1, "limited")).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut runs = g.settled_runs(5).await;
    runs.reverse();
    let seen: Vec<(&str, &str, u64)> = runs
        .iter()
        .map(|r| (r["flow"].as_str().unwrap(), r["state"].as_str().unwrap(), r["attempts"].as_u64().unwrap()))
        .collect();
    assert!(seen.contains(&("f", "failed", 1)), "{seen:?}");
    assert!(seen.contains(&("f", "parked", 1)), "an unknown outcome of a post is never repeated: {seen:?}");
    assert!(seen.contains(&("broken", "failed", 1)), "{seen:?}");
    assert!(
        seen.iter().any(|s| s.0 == "f" && s.1 == "succeeded" && s.2 == 2),
        "a 429 is repeated after its pause: {seen:?}"
    );
    let failed = runs.iter().find(|r| r["state"] == "failed" && r["flow"] == "f").unwrap();
    assert_eq!(failed["error"]["code"], "channel_not_found");
    let broken = runs.iter().find(|r| r["flow"] == "broken").unwrap();
    assert_eq!(broken["error"]["fields"][0]["pointer"], "/do/0/input/text");
}

#[tokio::test]
async fn a_flow_is_checked_when_it_is_saved() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    let check = async |f: Value| {
        let (status, e) = g.try_put("/v1/flows/f", f).await;
        assert_eq!(status, 422, "{e}");
        let mut at: Vec<String> = e["error"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["pointer"].as_str().unwrap().to_owned())
            .collect();
        at.sort();
        at
    };
    let step = |input: Value| json!([{"connection": "slack", "action": "chat_post_message", "input": input}]);
    let on = json!({"connector": "github", "event": "issues.opened"});
    assert_eq!(
        check(json!({"on": {"connector": "githb", "event": "x"}, "do": step(json!({"channel": "C", "text": "t"}))}))
            .await,
        ["/on/connector"]
    );
    assert_eq!(
        check(
            json!({"on": {"connector": "github", "event": "isues"}, "do": step(json!({"channel": "C", "text": "t"}))})
        )
        .await,
        ["/on/event"]
    );
    assert_eq!(check(json!({"on": {"connector": "github", "connection": "slack", "event": "issues"}, "do": step(json!({"channel": "C", "text": "t"}))})).await, ["/on/connection"]);
    assert_eq!(
        check(json!({"on": on, "when": ["event.("], "do": step(json!({"channel": "C", "text": "t"}))})).await,
        ["/when/0"]
    );
    assert_eq!(check(json!({"on": on, "do": []})).await, ["/do"]);
    assert_eq!(
        check(json!({"on": on, "do": step(json!({"chanel": "C", "text": "{{ event.payload.x"}))})).await,
        ["/do/0/input/chanel", "/do/0/input/channel", "/do/0/input/text"]
    );
    assert_eq!(check(json!({"on": on, "do": [{"connection": "nobody", "action": "x"}]})).await, ["/do/0/connection"]);
    assert_eq!(check(json!({"on": on, "do": [{"connection": "slack", "action": "x"}]})).await, ["/do/0/action"]);
}

#[tokio::test]
async fn an_event_can_be_replayed_and_a_disabled_flow_rests() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(posted()).expect(2).mount(&fake).await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    g.put("/v1/flows/f", flow(json!([]), "x")).await;
    g.github("issues", "d-1", &issue(1, "t")).await;
    g.settled_runs(1).await;
    let id = g.get("/v1/events").await["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(g.post(&format!("/v1/events/{id}/replay"), json!({})).await.0, 200);
    g.settled_runs(2).await;
    assert_eq!(g.post("/v1/flows/f/disable", json!({})).await.0, 200);
    g.post(&format!("/v1/events/{id}/replay"), json!({})).await;
    g.github("issues", "d-2", &issue(2, "t")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(g.settled_runs(2).await.len(), 2);
}

#[tokio::test]
async fn internal_addresses_are_out_of_reach_unless_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(posted()).expect(0).mount(&fake).await;
    let g = Gateway::start(&dir.path().join("state"), &[]);
    g.put("/v1/connections/slack", json!({"connector": "slack", "values": {"base_url": format!("{}/api", fake.uri()), "bot_token": "canary-bot-token"}})).await;
    let (status, e) =
        g.post("/v1/connections/slack/actions/chat_post_message", json!({"channel": "C1", "text": "t"})).await;
    assert_eq!((status, e["error"]["kind"].as_str().unwrap()), (403, "refused"), "{e}");
}
