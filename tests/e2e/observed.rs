//! What the gateway tells of its calls: metrics, and what services announce about their own API.

use std::path::Path;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::gateway::{Gateway, cli, client, text};

const TOKEN: &str = "canary-bot-token-0123";

async fn gateway(dir: &Path, fake: &MockServer, more: &[&str]) -> Gateway {
    let allow = format!("127.0.0.1/32:{}", fake.address().port());
    let g = Gateway::start(dir, &[&["--allow-network", &allow], more].concat());
    g.put(
        "/v1/connections/slack",
        json!({"connector": "slack", "values": {"base_url": format!("{}/api", fake.uri()), "bot_token": TOKEN}}),
    )
    .await;
    g
}

/// A Slack whose answers announce their end, and echo the token while at it.
async fn ending() -> MockServer {
    let fake = MockServer::start().await;
    let answer = ResponseTemplate::new(200)
        .insert_header("sunset", "Fri, 31 Dec 2027 23:59:59 GMT")
        .insert_header("warning", format!("299 - \"{TOKEN} is of an old kind\"").as_str())
        .set_body_json(json!({"ok": true, "channel": "C1", "ts": "1.2", "message": {"text": "t"}}));
    Mock::given(method("POST")).respond_with(answer).mount(&fake).await;
    fake
}

async fn post(g: &Gateway) {
    let (status, v) =
        g.post("/v1/connections/slack/actions/chat_post_message", json!({"channel": "C1", "text": "t"})).await;
    assert_eq!(status, 200, "{v}");
}

async fn metrics(g: &Gateway, token: Option<&str>) -> (u16, String) {
    let mut request = client().get(format!("{}/metrics", g.url));
    if let Some(t) = token {
        request = request.bearer_auth(t);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn metrics_are_served_to_whom_the_operator_says() {
    let dir = tempfile::tempdir().unwrap();
    let fake = ending().await;
    let g = gateway(&dir.path().join("a"), &fake, &[]).await;
    post(&g).await;
    post(&g).await;
    // The guard refuses: the address is not among the allowed ones.
    g.put(
        "/v1/connections/inside",
        json!({"connector": "slack", "values": {"base_url": "http://10.1.2.3/api", "bot_token": TOKEN}}),
    )
    .await;
    let (status, _) =
        g.post("/v1/connections/inside/actions/chat_post_message", json!({"channel": "C1", "text": "t"})).await;
    assert_eq!(status, 403);

    assert_eq!(metrics(&g, None).await.0, 401);
    assert_eq!(metrics(&g, Some("wrong")).await.0, 401);
    let (status, page) = metrics(&g, Some(&g.token())).await;
    assert_eq!(status, 200);
    for line in [
        "# TYPE jackfield_egress_requests_total counter",
        "# TYPE jackfield_egress_seconds histogram",
        "# HELP jackfield_egress_refusals_total Requests that the egress guard refused",
        r#"jackfield_egress_requests_total{connector="slack",endpoint="chat.postMessage",status="2xx"} 2"#,
        r#"jackfield_egress_requests_total{connector="slack",endpoint="chat.postMessage",status="refused"} 1"#,
        r#"jackfield_egress_refusals_total{connector="slack",rule="private"} 1"#,
        r#"jackfield_egress_seconds_count{connector="slack"} 3"#,
        r#"jackfield_egress_response_bytes_bucket{connector="slack",le="256"} 2"#,
    ] {
        assert!(page.lines().any(|l| l == line), "`{line}` is not in\n{page}");
    }
    assert!(!page.contains(TOKEN) && !page.contains("127.0.0.1") && !page.contains("inside"), "{page}");

    let open = Gateway::start(&dir.path().join("b"), &["--metrics", "open"]);
    assert_eq!(metrics(&open, None).await.0, 200);
    let off = Gateway::start(&dir.path().join("c"), &["--metrics", "off"]);
    assert_eq!(metrics(&off, Some(&off.token())).await.0, 404);
}

fn one<'a>(list: &'a Value, kind: &str) -> &'a Value {
    list["items"].as_array().unwrap().iter().find(|s| s["kind"] == kind).unwrap()
}

#[tokio::test]
async fn what_a_service_announces_is_kept_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let fake = ending().await;
    let g = gateway(&state, &fake, &[]).await;
    assert_eq!(g.get("/v1/signals").await["items"], json!([]));
    post(&g).await;
    post(&g).await;
    let list = g.get("/v1/signals").await;
    let sunset = one(&list, "sunset").clone();
    let seen = |f: &str| sunset[f].as_str().unwrap().to_owned();
    assert_eq!(
        (seen("connector"), seen("endpoint"), seen("value"), sunset["count"].as_u64()),
        ("slack".into(), "chat.postMessage".into(), "2027-12-31T23:59:59Z".into(), Some(2))
    );
    assert_eq!(one(&list, "warning")["value"], "[redacted] is of an old kind");
    let log = g.log_with("announces a change").await;
    let told = log.lines().filter(|l| l.contains("announces a change") && l.contains("sunset")).count();
    assert_eq!(told, 1, "logged once:\n{log}");
    assert!(!log.contains(TOKEN), "{log}");
    // What is not flushed by a list is flushed at the end.
    post(&g).await;
    assert_eq!(g.stop(), Some(0));

    let out = cli(&state, &["signals"]);
    let table = text(&out.stdout);
    assert!(
        ["slack", "chat.postMessage", "sunset", "2027-12-31T23:59:59Z"].iter().all(|w| table.contains(w)),
        "{table}"
    );
    let out = cli(&state, &["signals", "--json"]);
    let list: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        (one(&list, "sunset")["count"].as_u64(), &one(&list, "sunset")["first_at"]),
        (Some(3), &sunset["first_at"])
    );
    assert!(text(&cli(&state, &["signals", "--connector", "jira"]).stdout).contains("no service announced anything"));

    // A command on the directory itself hears and keeps it too; what is known already is not logged again.
    let allow = format!("127.0.0.1/32:{}", fake.address().port());
    let out = std::process::Command::new(crate::gateway::BINARY)
        .args(["action", "run", "slack", "chat_post_message", "--input", r#"{"channel": "C1", "text": "t"}"#])
        .args(["--state-dir", state.to_str().unwrap()])
        .env("JACKFIELD_ALLOW_NETWORKS", &allow)
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let g = Gateway::start(&state, &["--allow-network", &allow]);
    assert_eq!(one(&g.get("/v1/signals").await, "sunset")["count"], 4);
    post(&g).await;
    assert_eq!(one(&g.get("/v1/signals?connector=slack").await, "sunset")["count"], 5);
    // What is logged after it tells that it was not.
    g.post("/v1/connections/none/actions/x", json!({})).await;
    assert!(!g.log_with("a call failed").await.contains("announces a change"));
}
