//! Tokens of the API, the audit log, and the commands for both.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    browser::{Browser, PASSWORD, answer, client, with_ada},
    gateway::{BINARY, Gateway, text},
};

/// Runs a command that must succeed, with something on its standard input.
fn command(dir: &Path, args: &[&str], input: &str) -> String {
    let mut child = Command::new(BINARY)
        .args(args)
        .arg("--state-dir")
        .arg(dir)
        .current_dir(dir.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
    text(&out.stdout)
}

#[tokio::test]
async fn tokens_are_limited_by_scope_connection_and_time() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::with_hook(&dir.path().join("state")).await;
    g.put("/v1/connections/other", json!({"connector": "github", "values": {"token": "canary-token-0123456789", "webhook_secret": "canary-other"}})).await;
    let opened = json!({"action": "opened", "issue": {"number": 1}, "repository": {"full_name": "a/b"}}).to_string();
    assert_eq!(g.github("issues", "d-1", &opened).await.0, 202);
    let make = async |body: Value| {
        let (status, v) = g.post("/v1/tokens", body).await;
        assert_eq!(status, 200, "{v}");
        (v["token"].as_str().unwrap().to_owned(), v["id"].as_str().unwrap().to_owned())
    };
    let send = async |method: reqwest::Method, path: &str, token: &str| {
        let r = client().request(method, format!("{}{path}", g.url)).bearer_auth(token).json(&json!({}));
        let a = answer(r).await;
        (a.status, serde_json::from_str::<Value>(&a.text).unwrap_or(Value::Null))
    };
    use reqwest::Method;
    let (read, read_id) = make(json!({"name": "dashboard", "scopes": ["read"]})).await;
    assert!(read.starts_with("jf_") && read.len() == 46);
    assert_eq!(send(Method::GET, "/v1/connections", &read).await.0, 200);
    let (status, e) = send(Method::POST, "/v1/connections/hook/actions/get_issue", &read).await;
    assert_eq!(status, 403);
    assert!(e["error"]["message"].as_str().unwrap().contains("`act`"), "{e}");
    let (status, e) = send(Method::DELETE, "/v1/connections/hook", &read).await;
    assert_eq!(status, 403);
    assert!(e["error"]["message"].as_str().unwrap().contains("`manage`"), "{e}");
    let body = json!({"name": "more", "scopes": ["read"]});
    let more = answer(client().post(format!("{}/v1/tokens", g.url)).bearer_auth(&read).json(&body)).await;
    assert_eq!(more.status, 403, "a token makes no tokens: {}", more.text);

    // Limited to one connection: nothing of another is seen.
    let (one, _) = make(json!({"name": "one", "scopes": ["read", "act", "manage"], "connections": ["other"]})).await;
    let (_, list) = send(Method::GET, "/v1/connections", &one).await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["id"], "other");
    for (method, path) in [
        (Method::GET, "/v1/connections/hook"),
        (Method::DELETE, "/v1/connections/hook"),
        (Method::POST, "/v1/connections/hook/actions/get_issue"),
        (Method::GET, "/v1/flows"),
        (Method::GET, "/v1/people"),
        (Method::GET, "/v1/tokens"),
        (Method::GET, "/v1/audit"),
        (Method::POST, "/v1/apply"),
        (Method::GET, "/v1/status"),
        (Method::GET, "/v1/refused"),
    ] {
        assert_eq!(send(method, path, &one).await.0, 403, "{path}");
    }
    let all = g.get("/v1/deliveries").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    for kind in ["deliveries", "events", "runs"] {
        let (status, list) = send(Method::GET, &format!("/v1/{kind}"), &one).await;
        assert_eq!((status, list["items"].as_array().map(Vec::len)), (200, Some(0)), "{kind}");
        assert_eq!(send(Method::GET, &format!("/v1/{kind}?connection=hook"), &one).await.0, 404, "{kind}");
    }
    let delivery = all["items"][0]["id"].as_str().unwrap();
    let event = all["items"][0]["events"][0]["id"].as_str().unwrap();
    assert_eq!(send(Method::GET, &format!("/v1/deliveries/{delivery}"), &one).await.0, 404);
    assert_eq!(send(Method::GET, &format!("/v1/events/{event}"), &one).await.0, 404);
    assert_eq!(send(Method::GET, &format!("/v1/events/{event}"), &read).await.0, 200);

    // Ended, revoked, none: each says so.
    let soon = (jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1200)).to_string();
    let (short, _) = make(json!({"name": "short", "scopes": ["read"], "expires_at": soon})).await;
    assert_eq!(send(Method::GET, "/v1/status", &short).await.0, 200);
    tokio::time::sleep(std::time::Duration::from_millis(1300)).await;
    assert_eq!(send(Method::DELETE, &format!("/v1/tokens/{read_id}"), &g.token()).await.0, 200);
    for (token, why) in [
        (short.as_str(), "expired"),
        (read.as_str(), "revoked"),
        ("jf_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "not this gateway's"),
        ("x", "not this gateway's"),
    ] {
        let (status, e) = send(Method::GET, "/v1/status", token).await;
        assert_eq!(status, 401);
        assert!(e["error"]["message"].as_str().unwrap().contains(why), "{e}");
    }
    let tokens = g.get("/v1/tokens").await;
    let used = tokens.as_array().unwrap().iter().find(|t| t["name"] == "one").unwrap();
    assert!(
        used["used_at"].is_string() && used.get("token").is_none() && !tokens.to_string().contains(&read),
        "{tokens}"
    );
}

#[tokio::test]
async fn the_audit_log_says_who_did_what_and_no_value() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::with_hook(&dir.path().join("state")).await;
    let (status, _) = g.post("/v1/connections/hook/actions/no_such", json!({"canary_field": "canary-input"})).await;
    assert_eq!(status, 400);
    let mut ada = with_ada(&g).await;
    ada.post("/people", &[("email", "bob@example.com"), ("role", "viewer")]).await;

    let all = g.get("/v1/audit").await;
    let lines = all["items"].as_array().unwrap();
    assert!(!all.to_string().contains("canary-"), "no value is in the log: {all}");
    let find = |what: &str| lines.iter().find(|l| l["what"] == what).unwrap_or_else(|| panic!("{what} in {all}"));
    let put = find("PUT /v1/connections/{id}");
    assert_eq!(put["fields"], json!(["connector", "values.token", "values.webhook_secret"]));
    assert_eq!(
        (&put["actor"], &put["status"], &put["kind"], &put["connection"]),
        (&json!("operator"), &json!(200), &json!("change"), &json!("hook"))
    );
    let call = find("POST /v1/connections/{id}/actions/{name}");
    assert_eq!((&call["kind"], &call["status"], &call["fields"]), (&json!("call"), &json!(400), &json!([])));
    assert_eq!(call["target"], "/v1/connections/hook/actions/no_such");
    let by_ada = find("POST /people");
    assert_eq!(
        (&by_ada["actor_name"], &by_ada["via"], &by_ada["from"]),
        (&json!("Ada"), &json!("page"), &json!("127.0.0.1"))
    );
    assert_eq!(by_ada["fields"], json!(["email", "role"]));
    assert_eq!(find("POST /login")["actor_name"], "Ada");
    let of_hook = g.get("/v1/audit?connection=hook&kind=call").await;
    assert_eq!(of_hook["items"].as_array().unwrap().len(), 1);
    let older = g.get(&format!("/v1/audit?limit=1&before={}", lines[0]["id"].as_str().unwrap())).await;
    assert_eq!(older["items"][0]["id"], lines[1]["id"]);
    let page = ada.get("/audit?kind=call").await;
    assert!(page.status == 200 && page.text.contains("no_such") && page.text.contains("failed, 400"), "{}", page.text);
    let trace = call["trace_id"].as_str().unwrap();
    assert_eq!(g.get(&format!("/v1/audit?trace_id={trace}")).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn commands_manage_people_and_tokens_with_and_without_a_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    Gateway::start(&state, &[]).stop();
    let run = |args: &[&str], input: &str| command(&state, args, input);
    let out = run(&["people", "invite"], "");
    assert!(out.contains("http://127.0.0.1:8080/setup?code="), "{out}");
    let out = run(&["people", "add", "ada@example.com", "--admin", "--password"], &format!("{PASSWORD}\n"));
    assert!(out.contains("added ada@example.com") && !out.contains(PASSWORD), "{out}");
    let out = run(&["people", "add", "bob@example.com", "--name", "Bob"], "");
    assert!(out.contains("/setup?code="), "{out}");
    let token = run(&["tokens", "create", "ci", "--scope", "read", "--expires", "30d"], "");
    let token = token.trim();
    assert!(token.starts_with("jf_") && token.len() == 46, "{token}");

    let g = Gateway::start(&state, &[]);
    let r = client().get(format!("{}/v1/status", g.url)).bearer_auth(token);
    assert_eq!(answer(r).await.status, 200);
    assert_eq!(Browser::sign_in(&g, "ada@example.com", PASSWORD).await.1.status, 303);
    let out = run(&["people", "list"], "");
    assert!(out.contains("bob@example.com") && out.contains("member"), "{out}");
    run(&["people", "change", "bob@example.com", "--role", "viewer"], "");
    run(&["people", "disable", "bob@example.com"], "");
    let bob: Value = serde_json::from_str(&run(&["people", "list", "--json"], "")).unwrap();
    assert_eq!((&bob[1]["role"], &bob[1]["disabled"]), (&json!("viewer"), &json!(true)));
    let out = run(&["people", "sign-out", "ada@example.com"], "");
    assert!(out.contains("1 sessions ended"), "{out}");
    let out = run(&["tokens", "revoke", &token[..11]], "");
    assert!(out.contains("revoked ci"), "{out}");
    let r = client().get(format!("{}/v1/status", g.url)).bearer_auth(token);
    assert_eq!(answer(r).await.status, 401);
    run(&["people", "remove", "bob@example.com"], "");
    let out = run(&["audit", "list", "--kind", "change"], "");
    assert!(out.contains("operator") && out.contains("/v1/people") && !out.contains(token), "{out}");
}
