//! All pages of an action at once, by REST and on the command line.

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::gateway::{Gateway, text};

/// Five members on three pages, by cursor.
fn members(request: &Request) -> ResponseTemplate {
    let cursor = request.url.query_pairs().find(|(n, _)| n == "cursor").map(|(_, v)| v.into_owned());
    let member = |n: usize| json!({"id": format!("U{n}"), "name": format!("m{n}")});
    let (ids, next) = match cursor.as_deref() {
        None => (0..2, "c1"),
        Some("c1") => (2..4, "c2"),
        Some("c2") => (4..5, ""),
        Some(other) => panic!("a cursor that was not given: {other}"),
    };
    let members: Vec<Value> = ids.map(member).collect();
    ResponseTemplate::new(200)
        .set_body_json(json!({"ok": true, "members": members, "response_metadata": {"next_cursor": next}}))
}

async fn gateway(dir: &std::path::Path, fake: &MockServer) -> Gateway {
    let allow = format!("127.0.0.1/32:{}", fake.address().port());
    let g = Gateway::start(dir, &["--allow-network", &allow]);
    g.put("/v1/connections/slack", json!({"connector": "slack", "values": {"base_url": format!("{}/api", fake.uri()), "bot_token": "canary-bot-token"}})).await;
    g
}

fn ids(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_pages_are_read_by_rest_and_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("GET")).and(path("/api/users.list")).respond_with(members).mount(&fake).await;
    let g = gateway(&dir.path().join("state"), &fake).await;
    let list = "/v1/connections/slack/actions/users_list";

    let (status, v) = g.post(&format!("{list}?all=true"), json!({})).await;
    assert_eq!(status, 200, "{v}");
    assert_eq!(ids(&v["output"]["items"]), ["U0", "U1", "U2", "U3", "U4"]);
    assert_eq!(
        (&v["output"]["cut"], &v["output"]["pages"], &v["output"]["shrank"]),
        (&Value::Null, &json!(3), &json!(false))
    );
    assert_eq!(v["trace_id"].as_str().unwrap().len(), 32);

    let (_, v) = g.post(&format!("{list}?all=true&max=3"), json!({})).await;
    assert_eq!((ids(&v["output"]["items"]).len(), v["output"]["cut"].as_str()), (3, Some("items")));
    let (_, v) = g.post(list, json!({})).await;
    assert_eq!(
        (ids(&v["output"]["members"]).len(), v["output"]["next_cursor"].as_str()),
        (2, Some("c1")),
        "one page else"
    );

    let run = |more: &[&str]| g.cli(&[&["action", "run", "slack", "users_list"], more].concat());
    let out = run(&["--all"]);
    assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()));
    assert_eq!(ids(&serde_json::from_slice(&out.stdout).unwrap()), ["U0", "U1", "U2", "U3", "U4"]);
    let out = run(&["--all", "--max", "1"]);
    assert_eq!(ids(&serde_json::from_slice(&out.stdout).unwrap()), ["U0"]);
    assert!(text(&out.stderr).starts_with("note: there is more"), "{}", text(&out.stderr));
    let out = run(&["--all", "--max", "1", "--json"]);
    let v: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((v["output"]["cut"].as_str(), text(&out.stderr)), (Some("items"), String::new()));
}

#[tokio::test]
async fn wrong_use_of_all_pages_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let g = gateway(&dir.path().join("state"), &fake).await;
    let of = |name: &str, query: &str| format!("/v1/connections/slack/actions/{name}?{query}");
    for (name, query, want, says) in [
        ("users_info", "all=true", 422, "`users_info` does not come in pages"),
        ("users_list", "max=5", 422, "/max"),
        ("users_list", "all=true&max=0", 422, "/max"),
        ("users_list", "all=true&max=100001", 422, "/max"),
        ("users_list", "al=true", 400, "unknown field `al`"),
        ("users_list", "all=yes", 400, "all"),
        ("users_lst", "all=true", 400, "did you mean `users_list`"),
    ] {
        let (status, e) = g.post(&of(name, query), json!({"user": "U1"})).await;
        assert_eq!(status, want, "{query}: {e}");
        assert!(e.to_string().contains(says), "{query}: {e}");
    }
    let out = g.cli(&["action", "run", "slack", "users_info", "--input", r#"{"user": "U1"}"#, "--all"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("those that do are conversations_history"), "{}", text(&out.stderr));
    let out = g.cli(&["action", "run", "slack", "users_list", "--max", "3"]);
    assert_eq!(out.status.code(), Some(2), "--max alone bounds nothing");
    assert!(fake.received_requests().await.unwrap().is_empty(), "nothing left");
}

#[tokio::test]
async fn a_service_that_goes_round_is_an_error_of_the_service() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let round = ResponseTemplate::new(200)
        .set_body_json(json!({"ok": true, "members": [{"id": "U1"}], "response_metadata": {"next_cursor": "again"}}));
    Mock::given(method("GET")).respond_with(round).expect(2).mount(&fake).await;
    let g = gateway(&dir.path().join("state"), &fake).await;
    let (status, e) = g.post("/v1/connections/slack/actions/users_list?all=true", json!({})).await;
    assert_eq!((status, e["error"]["kind"].as_str()), (502, Some("protocol")), "{e}");
    // Operators are told what was seen.
    g.log_with("page 2 holds the same 1 items as page 1").await;
}
