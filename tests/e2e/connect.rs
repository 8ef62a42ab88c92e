//! `jackfield connect`, as scripts and people at a pipe use it.

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path},
};

use crate::gateway::{Gateway, cli_with, text};

const TOKEN: &str = "xoxb-1-2-canary";

/// A Slack that knows the one token.
async fn slack() -> MockServer {
    let server = MockServer::start().await;
    let body = json!({"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "bot", "team_id": "T1", "user_id": "U1"});
    let is_ours = Mock::given(path("/auth.test")).and(header("authorization", format!("Bearer {TOKEN}").as_str()));
    is_ours.respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let refused = ResponseTemplate::new(200).set_body_json(json!({"ok": false, "error": "invalid_auth"}));
    Mock::given(path("/auth.test")).respond_with(refused).with_priority(9).mount(&server).await;
    let channels =
        json!({"ok": true, "channels": [{"id": "C1", "name": "ops"}], "response_metadata": {"next_cursor": ""}});
    Mock::given(path("/conversations.list"))
        .respond_with(ResponseTemplate::new(200).set_body_json(channels))
        .mount(&server)
        .await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_made_step_by_step_left_and_taken_up_again() {
    let server = slack().await;
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::start(&state, &["--allow-network", &format!("127.0.0.1/32:{}", server.address().port())]);
    let base = format!("base_url={}", server.uri());
    let connect = |more: &[&str], token: &str| {
        let args =
            [&["connect", "slack", "--method", "bot_token", "--no-input", "--json", "--set", &base], more].concat();
        cli_with(&state, &args, b"", &[("JACKFIELD_SET_SLACK_BOT_TOKEN", token)])
    };

    let out = connect(&["--id", "team"], TOKEN);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let v: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&v["connection"], &v["account"]), (&json!("team"), &json!("bot @ Acme")), "{v}");
    let kept = g.get("/v1/connections/team").await;
    assert_eq!((&kept["enabled"], &kept["identity"]["team_id"]), (&json!(true), &json!("T1")), "{kept}");

    // What the service refuses is told at its field, and what was typed in is kept for another try.
    let out = connect(&["--id", "other"], "xoxb-wrong");
    assert_eq!(out.status.code(), Some(1));
    let said = text(&out.stderr);
    assert!(said.contains("bot_token") && !said.contains("xoxb-wrong") && said.contains("--resume"), "{said}");
    let id = said.split("--resume ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    let (status, _) = g
        .post(
            &format!("/v1/installations/{id}/steps/parameters"),
            json!({"bot_token": TOKEN, "base_url": server.uri()}),
        )
        .await;
    assert_eq!(status, 200);
    let out = g.cli(&["connect", "--resume", &id, "--no-input", "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(g.get("/v1/connections/other").await["account"], json!("bot @ Acme"));

    // Whoever may change the address does not learn by it what is write-only.
    let moved = json!({"connector": "slack", "values": {"base_url": "https://elsewhere.example"}});
    let (status, v) = g.try_put("/v1/connections/team", moved).await;
    let at = &v["error"]["fields"][0];
    assert_eq!((status, &at["pointer"]), (422, &json!("/values/bot_token")), "{v}");
    assert!(at["message"].as_str().unwrap().contains("given again"), "{v}");

    let all = g.get("/v1/installations").await.to_string() + &kept.to_string() + &said;
    assert!(!all.contains(TOKEN), "a secret is in an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_field_by_field() {
    let server = slack().await;
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::start(&state, &["--allow-network", &format!("127.0.0.1/32:{}", server.address().port())]);
    // Id, name, way, app, use; then the settings, of which the address was given.
    let answers = format!("asked\nThe team\n1\n\n1\n{TOKEN}\n\n\n\n\n\n\n\n");
    let set = format!("base_url={}", server.uri());
    let out = cli_with(&state, &["connect", "slack", "--set", &set], answers.as_bytes(), &[]);
    let said = text(&out.stderr);
    assert!(out.status.success(), "{said}");
    assert!(said.contains("step 1 of") && said.contains("xoxb-") && !said.contains(TOKEN), "{said}");
    let kept = g.get("/v1/connections/asked").await;
    assert_eq!((&kept["name"], &kept["account"]), (&json!("The team"), &json!("bot @ Acme")), "{kept}");
}
