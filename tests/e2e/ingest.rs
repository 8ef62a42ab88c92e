//! Webhooks in: what is taken, what is refused, and what of it is kept.

use serde_json::{Value, json};

use crate::gateway::{Gateway, HOOK_SECRET, client, github_signature};

const ISSUE: &str = r#"{"action":"opened","issue":{"number":1,"title":"t","html_url":"https://example.com/1"},"repository":{"full_name":"o/r"}}"#;

#[tokio::test]
async fn a_signed_delivery_is_kept_and_a_duplicate_gets_the_first_trace() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::with_hook(&dir.path().join("state")).await;
    let (status, first) = g.github("issues", "d-1", ISSUE).await;
    assert_eq!(status, 202);
    let (status, again) = g.github("issues", "d-1", ISSUE).await;
    assert_eq!((status, &again), (202, &first));
    let events = g.get("/v1/events").await;
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    assert_eq!(events["items"][0]["event_type"], "issues.opened");
    assert_eq!(events["items"][0]["trigger"], "issues");
    assert_eq!(events["items"][0]["trace_id"], first["trace_id"]);
    let list = g.get("/v1/deliveries").await;
    assert_eq!(list["items"][0]["duplicates"], 1);
    let one = g.get(&format!("/v1/deliveries/{}", list["items"][0]["id"].as_str().unwrap())).await;
    assert_eq!(one["body_text"], ISSUE);
    assert_eq!(one["verified_by"], "hmac_sha256");
}

#[tokio::test]
async fn an_unknown_event_type_and_a_body_that_is_no_utf8_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::with_hook(&dir.path().join("state")).await;
    let (status, _) = g.github("something_new", "d-1", r#"{"action":"never_seen"}"#).await;
    assert_eq!(status, 202);
    let body = b"{\"a\":\"\xff\xfe\"}".to_vec();
    let response = client()
        .post(format!("{}/webhooks/github/hook", g.url))
        .header("content-type", "application/json")
        .header("x-github-event", "push")
        .header("x-github-delivery", "d-2")
        .header("x-hub-signature-256", github_signature(&body, HOOK_SECRET))
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    let events = g.get("/v1/events").await;
    let types: Vec<&str> =
        events["items"].as_array().unwrap().iter().map(|e| e["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["unreadable", "something_new.never_seen"]);
    let newest = g.get("/v1/deliveries?limit=1").await;
    let one = g.get(&format!("/v1/deliveries/{}", newest["items"][0]["id"].as_str().unwrap())).await;
    assert_eq!(one["body_base64"], "eyJhIjoi//4ifQ==");
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_status_and_only_counted() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::with_hook(&dir.path().join("state")).await;
    let at = |path: &str| format!("{}{path}", g.url);
    let good = github_signature(ISSUE.as_bytes(), HOOK_SECRET);
    let post = |path: &str| {
        client()
            .post(at(path))
            .header("content-type", "application/json")
            .header("x-github-event", "issues")
            .header("x-github-delivery", "d-9")
    };
    let status = async |r: reqwest::RequestBuilder| {
        let response = r.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        assert!(body.is_empty(), "a refusal says nothing: {body}");
        status
    };
    let hook = "/webhooks/github/hook";
    assert_eq!(status(post(hook).body(ISSUE)).await, 401, "no signature");
    assert_eq!(
        status(post(hook).header("x-hub-signature-256", github_signature(ISSUE.as_bytes(), "other")).body(ISSUE)).await,
        401,
        "wrong key"
    );
    assert_eq!(
        status(post(hook).header("x-hub-signature-256", &good).body(format!("{ISSUE} "))).await,
        401,
        "altered body"
    );
    assert_eq!(
        status(post(hook).header("x-hub-signature-256", &good).header("x-hub-signature-256", &good).body(ISSUE)).await,
        401,
        "doubled header"
    );
    assert_eq!(
        status(post("/webhooks/github/nobody").header("x-hub-signature-256", &good).body(ISSUE)).await,
        404,
        "no such connection"
    );
    assert_eq!(status(post("/webhooks/nothing/hook").body(ISSUE)).await, 404, "no such connector");
    assert_eq!(status(post("/webhooks/jira/hook").body(ISSUE)).await, 404, "another connector's connection");
    assert_eq!(status(client().get(at(hook))).await, 405, "GET");
    assert_eq!(status(client().post(at(hook)).header("content-type", "text/plain").body("x")).await, 415, "media type");
    assert_eq!(status(post(hook).header("content-encoding", "gzip").body("x")).await, 415, "compressed");
    let large = "x".repeat(26 << 20);
    assert_eq!(status(post(hook).body(large)).await, 413, "too large");

    assert_eq!(g.get("/v1/deliveries").await["items"], json!([]));
    assert_eq!(g.get("/v1/events").await["items"], json!([]));
    let refused = g.get("/v1/refused").await;
    let total: u64 = refused["items"].as_array().unwrap().iter().map(|l| l["count"].as_u64().unwrap()).sum();
    assert_eq!(total, 11, "{refused}");
    let text = refused.to_string();
    assert!(text.contains("the signature does not match") && !text.contains(&good[7..]), "{text}");
    assert!(!text.contains("nobody") && !text.contains("nothing\""), "names from outside are not kept: {text}");
}

#[tokio::test]
async fn a_hundred_identical_posts_at_once_make_one_event() {
    let dir = tempfile::tempdir().unwrap();
    let g = std::sync::Arc::new(Gateway::with_hook(&dir.path().join("state")).await);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let g = g.clone();
            tokio::spawn(async move { g.github("issues", "same", ISSUE).await })
        })
        .collect();
    let mut traces = std::collections::HashSet::new();
    for t in tasks {
        let (status, body) = t.await.unwrap();
        assert_eq!(status, 202);
        traces.insert(body["trace_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(traces.len(), 1);
    assert_eq!(g.get("/v1/events").await["items"].as_array().unwrap().len(), 1);
}

/// Slack signs time and body with the app's secret, sends everything to one address, and asks with a challenge.
async fn slack(g: &Gateway, path: &str, media: &str, body: &str, secret: &str, age_secs: i64) -> (u16, String) {
    use connectors::core::{
        Connector, Method, Secret, Timestamp,
        webhook::{Inbound, sign},
    };
    let hook = Connector::from(&connectors::slack::CONNECTOR).webhook().unwrap().clone();
    let now = Timestamp::now().checked_sub(std::time::Duration::from_secs(age_secs.unsigned_abs())).unwrap();
    let mut r = Inbound::new(Method::POST, "http://x/", Default::default(), body.to_owned().into(), now);
    sign(&hook.verification, &mut r, &Secret::from(secret), now).unwrap();
    let response = client()
        .post(format!("{}{path}", g.url))
        .header("content-type", media)
        .header("x-slack-signature", r.single_header("x-slack-signature").unwrap())
        .header("x-slack-request-timestamp", r.single_header("x-slack-request-timestamp").unwrap())
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn an_app_wide_address_is_answered_routed_and_rotated() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    g.put("/v1/apps/my-slack-app", json!({"connector": "slack", "values": {"signing_secret": "old-signing-secret"}}))
        .await;
    g.put(
        "/v1/connections/team-one",
        json!({"connector": "slack", "app": "my-slack-app", "values": {"bot_token": "t-1", "team_id": "T1"}}),
    )
    .await;
    g.put(
        "/v1/connections/team-two",
        json!({"connector": "slack", "app": "my-slack-app", "values": {"bot_token": "t-2", "team_id": "T2"}}),
    )
    .await;
    let event = |id: &str, team: &str| {
        json!({"token": "x", "team_id": team, "api_app_id": "A1", "type": "event_callback", "event_id": id, "event_time": 1, "event": {"type": "message", "channel": "C1", "user": "U1", "text": "hi", "ts": "1.2"}}).to_string()
    };
    let json_type = "application/json";

    let challenge = r#"{"token":"x","challenge":"3eZbrw1aB","type":"url_verification"}"#;
    assert_eq!(
        slack(&g, "/webhooks/slack", json_type, challenge, "old-signing-secret", 0).await,
        (200, "3eZbrw1aB".into())
    );
    assert_eq!(
        slack(&g, "/webhooks/slack", json_type, challenge, "wrong", 0).await.0,
        401,
        "a challenge is signed too"
    );
    assert_eq!(slack(&g, "/webhooks/slack", json_type, &event("Ev1", "T2"), "old-signing-secret", 0).await.0, 202);
    assert_eq!(
        slack(&g, "/webhooks/slack", json_type, &event("Ev2", "T9"), "old-signing-secret", 0).await.0,
        202,
        "nobody's yet, kept all the same"
    );
    assert_eq!(
        slack(&g, "/webhooks/slack/team-one", json_type, &event("Ev3", "T1"), "old-signing-secret", 0).await.0,
        202,
        "a connection's own address takes the app's key"
    );
    assert_eq!(
        slack(&g, "/webhooks/slack", json_type, &event("Ev4", "T1"), "old-signing-secret", 400).await.0,
        401,
        "stale"
    );

    let form =
        "payload=".to_owned() + &urlencode(r#"{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"}}"#);
    assert_eq!(
        slack(&g, "/webhooks/slack", "application/x-www-form-urlencoded", &form, "old-signing-secret", 0).await,
        (200, String::new())
    );

    let (status, _) = g
        .try_put("/v1/apps/my-slack-app/secrets/signing_secret", json!({"value": "new-signing-secret", "rotate": true}))
        .await;
    assert_eq!(status, 200);
    assert_eq!(slack(&g, "/webhooks/slack", json_type, &event("Ev5", "T1"), "old-signing-secret", 0).await.0, 202);
    assert_eq!(slack(&g, "/webhooks/slack", json_type, &event("Ev6", "T1"), "new-signing-secret", 0).await.0, 202);
    client()
        .delete(format!("{}/v1/apps/my-slack-app/secrets/signing_secret", g.url))
        .bearer_auth(g.token())
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    assert_eq!(
        slack(&g, "/webhooks/slack", json_type, &event("Ev7", "T1"), "old-signing-secret", 0).await.0,
        401,
        "the rotation is over"
    );

    let events = g.get("/v1/events").await;
    let routed: Vec<(&str, &Value)> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|e| (e["event_type"].as_str().unwrap(), &e["connection"]))
        .collect();
    let one = json!("team-one");
    let two = json!("team-two");
    assert_eq!(
        routed,
        [
            ("message", &two),
            ("message", &Value::Null),
            ("message", &one),
            ("interaction.view_submission", &one),
            ("message", &one),
            ("message", &one)
        ]
    );
}

fn urlencode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test]
async fn an_apps_delivery_is_whose_it_says_even_at_anothers_address() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    g.put("/v1/apps/gh-app", json!({"connector": "github", "values": {"webhook_secret": HOOK_SECRET}})).await;
    for (id, installation) in [("one", "1"), ("two", "2")] {
        g.put(
            &format!("/v1/connections/{id}"),
            json!({"connector": "github", "app": "gh-app", "values": {"token": "t", "installation_id": installation}}),
        )
        .await;
    }
    let post = async |path: &str, delivery: &str, installation: u64| {
        let body = json!({"action": "opened", "installation": {"id": installation}}).to_string();
        let signature = github_signature(body.as_bytes(), HOOK_SECRET);
        let r = client()
            .post(format!("{}{path}", g.url))
            .header("content-type", "application/json")
            .header("x-github-event", "issues");
        r.header("x-github-delivery", delivery)
            .header("x-hub-signature-256", signature)
            .body(body)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(post("/webhooks/github", "d1", 1).await, 202);
    assert_eq!(post("/webhooks/github", "d2", 2).await, 202);
    assert_eq!(post("/webhooks/github/one", "d3", 2).await, 202);
    assert_eq!(post("/webhooks/github", "d4", 9).await, 202);
    let events = g.get("/v1/events").await;
    let whose: Vec<&Value> = events["items"].as_array().unwrap().iter().rev().map(|e| &e["connection"]).collect();
    assert_eq!(whose, [&json!("one"), &json!("two"), &json!("two"), &Value::Null]);
}

#[tokio::test]
async fn a_handshake_by_head_is_refused_where_none_is_declared() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::with_hook(&dir.path().join("state")).await;
    assert_eq!(client().head(format!("{}/webhooks/github/hook", g.url)).send().await.unwrap().status(), 405);
    // A body that says it is too large is refused before it is sent.
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut s = tokio::net::TcpStream::connect(g.url.trim_start_matches("http://")).await.unwrap();
    s.write_all(b"POST /webhooks/github/hook HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n").await.unwrap();
    let mut head = [0; 12];
    s.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 413");
}
