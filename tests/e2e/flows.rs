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
        seen.iter().any(|s| s.0 == "f" && s.1 == "succeeded" && s.2 == 1),
        "a 429 is repeated after its pause, within the attempt: {seen:?}"
    );
    let posts = fake.received_requests().await.unwrap();
    let posts = |text: &str| posts.iter().filter(|r| String::from_utf8_lossy(&r.body).contains(text)).count();
    assert_eq!((posts("limited"), posts("refused"), posts("unknown")), (3, 1, 1), "two events say limited");
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
            json!({"on": {"connector": "github", "event": "isues.opened"}, "do": step(json!({"channel": "C", "text": "t"}))})
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
async fn what_nobody_connected_starts_no_flow() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(posted()).expect(0).mount(&fake).await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    g.put("/v1/apps/gh-app", json!({"connector": "github", "values": {"webhook_secret": crate::gateway::HOOK_SECRET}}))
        .await;
    g.put("/v1/flows/f", flow(json!([]), "x")).await;
    let body = json!({"action": "opened", "installation": {"id": 7}}).to_string();
    let sent = crate::gateway::client()
        .post(format!("{}/webhooks/github", g.url))
        .header("content-type", "application/json")
        .header("x-github-event", "issues")
        .header("x-github-delivery", "d-1")
        .header("x-hub-signature-256", crate::gateway::github_signature(body.as_bytes(), crate::gateway::HOOK_SECRET))
        .body(body);
    assert_eq!(sent.send().await.unwrap().status(), 202);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(g.get("/v1/runs").await["items"], json!([]));
    assert_eq!(g.get("/v1/events").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_settles_or_retries_what_is_parked() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(502)).up_to_n_times(2).mount(&fake).await;
    Mock::given(method("POST")).respond_with(posted()).mount(&fake).await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    g.put("/v1/flows/f", flow(json!([]), "x")).await;
    g.github("issues", "d-1", &issue(1, "t")).await;
    g.github("issues", "d-2", &issue(2, "t")).await;
    let parked: Vec<String> = g.settled_runs(2).await.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
    assert!(g.settled_runs(2).await.iter().all(|r| r["state"] == "parked"));
    assert!(g.cli(&["runs", "settle", &parked[0], "--done"]).status.success());
    assert!(g.cli(&["runs", "retry", &parked[1]]).status.success());
    let runs = g.settled_runs(2).await;
    assert!(runs.iter().all(|r| r["state"] == "succeeded"), "{runs:?}");
    assert_eq!(g.cli(&["runs", "retry", &parked[0]]).status.code(), Some(1), "what succeeded is not tried again");
}

#[tokio::test]
async fn an_action_is_called_by_rest_and_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).and(path("/api/chat.postMessage")).respond_with(posted()).expect(2).mount(&fake).await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    let (status, v) = g
        .post(
            "/v1/connections/slack/actions/chat_post_message",
            json!({"channel": "C1", "text": "\u{1f44b} \u{5e9}\u{5dc}\u{5d5}\u{5dd}"}),
        )
        .await;
    assert_eq!((status, v["output"]["ts"].as_str()), (200, Some("1.2")), "{v}");
    assert_eq!(v["trace_id"].as_str().unwrap().len(), 32);
    let out = g.cli(&["action", "run", "slack", "chat_post_message", "--input", r#"{"channel": "C1", "text": "t"}"#]);
    let printed: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(printed["ts"], "1.2");
    let sent = fake.received_requests().await.unwrap();
    assert!(String::from_utf8_lossy(&sent[0].body).contains('\u{1f44b}'));
}

#[tokio::test]
async fn killed_amid_flows_no_run_is_lost_and_none_is_done_twice_blindly() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(posted().set_delay(Duration::from_millis(15))).mount(&fake).await;
    let mut g = with_fake_slack(&state, &fake).await;
    // To a channel each: Slack takes one message a second in one, and the gateway keeps to that.
    let mut each = flow(json!([]), "{{ event.payload.issue.title }}");
    each["do"][0]["input"]["channel"] = json!("C{{ event.payload.issue.number }}");
    g.put("/v1/flows/f", each).await;
    let allow = format!("127.0.0.1/32:{}", fake.address().port());
    for round in 0..4 {
        for i in 0..25 {
            let n = round * 25 + i;
            assert_eq!(g.github("issues", &format!("d-{n}"), &issue(n, &format!("title-{n}"))).await.0, 202);
        }
        g.kill();
        g = Gateway::start(&state, &["--allow-network", &allow]);
    }
    let runs = g.settled_runs(100).await;
    assert_eq!(runs.len(), 100);
    let mut sent = std::collections::HashMap::<String, usize>::new();
    for r in fake.received_requests().await.unwrap() {
        let body: Value = serde_json::from_slice(&r.body).unwrap();
        *sent.entry(body["text"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    // A post is not idempotent: each left at most once, and those whose answer was lost are parked for a person.
    assert!(sent.values().all(|n| *n == 1), "{sent:?}");
    let by_state = |s: &str| runs.iter().filter(|r| r["state"] == s).count();
    assert_eq!(by_state("succeeded") + by_state("parked"), 100, "{runs:?}");
    assert!(by_state("succeeded") <= sent.len());
    println!(
        "100 runs over 4 kills: {} succeeded, {} parked, {} posts seen",
        by_state("succeeded"),
        by_state("parked"),
        sent.len()
    );
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

#[tokio::test]
async fn a_network_is_open_to_the_connection_that_has_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(posted()).expect(2).mount(&fake).await;
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let port = fake.address().port();
    let body = |networks: Value| {
        let values = json!({"base_url": format!("{}/api", fake.uri()), "bot_token": "canary-bot-token"});
        json!({"connector": "slack", "values": values, "networks": networks})
    };
    let call = async |connection: &str| {
        let path = format!("/v1/connections/{connection}/actions/chat_post_message");
        let (status, e) = g.post(&path, json!({"channel": "C1", "text": "t"})).await;
        (status, e["error"]["kind"].as_str().unwrap_or_default().to_owned())
    };
    let refused = (403, "refused".to_owned());

    let made = g.put("/v1/connections/inside", body(json!([format!("127.0.0.1:{port}")]))).await;
    assert_eq!(made["networks"], json!([format!("127.0.0.1/32:{port}")]));
    g.put("/v1/connections/outside", body(json!([]))).await;
    g.put("/v1/connections/elsewhere", body(json!(["10.0.0.0/8", "127.0.0.2"]))).await;
    // In turn, so that a kept connection of the one could serve the others.
    assert_eq!(call("inside").await.0, 200);
    assert_eq!(call("outside").await, refused);
    assert_eq!(call("elsewhere").await, refused);
    assert_eq!(call("inside").await.0, 200);
    // What is saved without it has it no more, even while the connection is kept.
    g.put("/v1/connections/inside", body(json!([]))).await;
    assert_eq!(call("inside").await, refused);

    let (status, e) = g.try_put("/v1/connections/wrong", body(json!(["10.0.0.0/8", "intranet"]))).await;
    assert_eq!((status, e["error"]["fields"][0]["pointer"].as_str()), (422, Some("/networks/1")), "{e}");

    // The same by the command line and by a file.
    let url = format!("base_url={}/api", fake.uri());
    let put = ["connections", "put", "by-command", "--connector", "slack", "--set", &url];
    let allowed = [&put[..], &["--allow-network", "127.0.0.0/8,10.0.0.0/8:443", "--json"]].concat();
    let out = g.cli(&allowed);
    let made: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(made["networks"], json!(["127.0.0.0/8", "10.0.0.0/8:443"]));
    let file = dir.path().join("r.toml");
    let text = "[[connections]]\nid = \"by-file\"\nconnector = \"slack\"\nnetworks = [\"127.0.0.1\"]\n";
    std::fs::write(&file, text).unwrap();
    assert!(g.cli(&["apply", file.to_str().unwrap()]).status.success());
    assert_eq!(g.get("/v1/connections/by-file").await["networks"], json!(["127.0.0.1/32"]));
}

#[tokio::test]
async fn a_connection_keeps_to_limits_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("POST")).respond_with(posted()).expect(1).mount(&fake).await;
    let g = with_fake_slack(&dir.path().join("state"), &fake).await;
    let put = |limits: Value| {
        let values = json!({"base_url": format!("{}/api", fake.uri()), "bot_token": "canary-bot-token"});
        json!({"connector": "slack", "values": values, "limits": limits})
    };
    let (status, e) = g.try_put("/v1/connections/slack", put(json!(["5/s", "often"]))).await;
    assert_eq!((status, e["error"]["fields"][0]["pointer"].as_str()), (422, Some("/limits/1")), "{e}");
    assert!(e["error"]["fields"][0]["message"].as_str().unwrap().contains("such as `100/min`"), "{e}");
    g.put("/v1/connections/slack", put(json!(["1/min"]))).await;
    assert_eq!(g.get("/v1/connections/slack").await["limits"], json!(["1/min"]));

    let post = async |channel: &str| {
        let input = json!({"channel": channel, "text": "t"});
        g.post("/v1/connections/slack/actions/chat_post_message", input).await
    };
    assert_eq!(post("C1").await.0, 200);
    let (status, e) = post("C2").await;
    assert_eq!((status, e["error"]["kind"].as_str()), (429, Some("rate_limited")), "{e}");
    let after = e["error"]["retry"]["after"].as_f64().unwrap();
    assert!(after > 30.0 && after < 62.0, "{e}");
}
