//! Input from people, right and wrong, for the action that both GitHub and Jira have: what REST and the command line say.

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::gateway::{Gateway, text};

/// A family with skin tones joined by ZWJ, Arabic and Hebrew with marks of direction, a flag, an accent of its own.
const EMOJI_AND_RTL: &str = "👩🏽‍👩🏿‍👧 مرحبا بالعالم \u{202b}שלום עולם\u{202c} 🇮🇱 e\u{301}";

/// A connection of each, to a fake that takes everything and repeats what it took.
async fn gateway(dir: &std::path::Path, fake: &MockServer) -> Gateway {
    let jira = json!({"id": "10000", "key": "ENG-24", "self": format!("{}/rest/api/3/issue/10000", fake.uri())});
    Mock::given(method("POST"))
        .respond_with(move |r: &wiremock::Request| {
            let body: Value = serde_json::from_slice(&r.body).unwrap();
            if r.url.path().starts_with("/rest/") {
                return ResponseTemplate::new(201).set_body_json(&jira);
            }
            ResponseTemplate::new(201).set_body_json(json!({
                "id": 1, "number": 7, "state": "open", "title": body["title"], "body": body["body"],
                "html_url": "https://github.com/o/r/issues/7", "labels": [], "assignees": [],
            }))
        })
        .mount(fake)
        .await;
    let g = Gateway::start(dir, &["--allow-network", &format!("127.0.0.1/32:{}", fake.address().port())]);
    g.put(
        "/v1/connections/gh",
        json!({"connector": "github", "values": {"base_url": fake.uri(), "token": "canary-token-0123456789", "owner": "o", "repo": "r"}}),
    )
    .await;
    g.put(
        "/v1/connections/ji",
        json!({"connector": "jira", "values": {"site": fake.uri(), "email": "mia@example.com", "api_token": "canary-token-0123456789", "project_key": "ENG"}}),
    )
    .await;
    g
}

/// A refused field and what is said of it.
type Told = (&'static str, &'static str);

/// Connection, input, what is told.
fn wrong_inputs() -> Vec<(&'static str, Value, Vec<Told>)> {
    let ten_megabytes = "x".repeat(10_000_000);
    vec![
        ("gh", json!({"body": "It does not start."}), vec![("/title", "is required")]),
        ("ji", json!({"description": "It does not start."}), vec![("/summary", "is required")]),
        (
            "gh",
            json!({"title": 5, "labels": "bug"}),
            vec![("/labels", "must be an array, not a string"), ("/title", "must be a string, not a number")],
        ),
        (
            "ji",
            json!({"summary": 5, "labels": "bug"}),
            vec![("/labels", "must be an array, not a string"), ("/summary", "must be a string, not a number")],
        ),
        ("gh", json!({"title": "Slow", "lables": ["bug"]}), vec![("/lables", "did you mean `labels`?")]),
        ("ji", json!({"summary": "Slow", "lables": ["bug"]}), vec![("/lables", "did you mean `labels`?")]),
        ("gh", json!({"title": "Slow", "body": ten_megabytes}), vec![("/body", "must have at most 65536 characters")]),
        (
            "ji",
            json!({"summary": "Slow", "description": ten_megabytes}),
            vec![("/description", "must have at most 32767 characters")],
        ),
    ]
}

#[tokio::test]
async fn wrong_input_is_told_by_field_in_rest_and_on_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let g = gateway(&dir.path().join("state"), &fake).await;
    for (connection, input, want) in wrong_inputs() {
        let (status, e) = g.post(&format!("/v1/connections/{connection}/actions/create_issue"), input.clone()).await;
        assert_eq!(status, 422, "{connection}: {e}");
        let service = if connection == "gh" { "github" } else { "jira" };
        assert_eq!((&e["error"]["kind"], &e["error"]["connector"]), (&json!("invalid_input"), &json!(service)));
        let fields: Vec<(&str, &str)> = e["error"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["pointer"].as_str().unwrap(), f["message"].as_str().unwrap()))
            .collect();
        for ((pointer, message), (want_pointer, want_message)) in fields.iter().zip(&want) {
            assert_eq!(pointer, want_pointer, "{connection}: {e}");
            assert!(message.contains(want_message), "{connection}: {pointer}: {message}");
        }
        assert_eq!(fields.len(), want.len(), "{connection}: {e}");
        assert!(e.to_string().len() < 2000, "an error does not repeat what was sent");

        let file = dir.path().join("input.json");
        std::fs::write(&file, input.to_string()).unwrap();
        let at = format!("@{}", file.display());
        let out = g.cli(&["action", "run", connection, "create_issue", "--input", &at]);
        let said = text(&out.stderr);
        println!("$ jackfield action run {connection} create_issue --input …   (exit {:?})\n{said}", out.status.code());
        assert_eq!(out.status.code(), Some(1), "{said}");
        for (pointer, message) in &want {
            assert!(said.contains(pointer) && said.contains(message), "{connection}: {said}");
        }
        assert!(said.len() < 2000 && out.stdout.is_empty());
    }
    assert!(fake.received_requests().await.unwrap().is_empty(), "nothing wrong left the gateway");
}

#[tokio::test]
async fn emoji_and_right_to_left_text_arrive_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let g = gateway(&dir.path().join("state"), &fake).await;
    for (connection, title, body) in [("gh", "title", "body"), ("ji", "summary", "description")] {
        let input = json!({title: EMOJI_AND_RTL, body: format!("*{EMOJI_AND_RTL}*")});
        let path = format!("/v1/connections/{connection}/actions/create_issue");
        let (status, answer) = g.post(&path, input.clone()).await;
        assert_eq!(status, 200, "{answer}");
        let out = g.cli(&["action", "run", connection, "create_issue", "--json", "--input", &input.to_string()]);
        assert!(out.status.success(), "{}", text(&out.stderr));
    }
    let sent: Vec<Value> =
        fake.received_requests().await.unwrap().iter().map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    assert_eq!(sent.len(), 4);
    for by_rest_or_command_line in [0, 1] {
        assert_eq!(sent[by_rest_or_command_line]["title"], EMOJI_AND_RTL);
        assert_eq!(sent[by_rest_or_command_line]["body"], format!("*{EMOJI_AND_RTL}*"));
        let fields = &sent[2 + by_rest_or_command_line]["fields"];
        assert_eq!(fields["summary"], EMOJI_AND_RTL);
        let emphasized = &fields["description"]["content"][0]["content"][0];
        assert_eq!((&emphasized["text"], &emphasized["marks"][0]["type"]), (&json!(EMOJI_AND_RTL), &json!("em")));
    }
}

#[tokio::test]
async fn one_step_creates_an_issue_in_any_tracker() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    let g = gateway(&dir.path().join("state"), &fake).await;
    g.put(
        "/v1/connections/hook",
        json!({"connector": "github", "values": {"token": "x", "webhook_secret": crate::gateway::HOOK_SECRET}}),
    )
    .await;
    // The same step but for the connection's name.
    for connection in ["gh", "ji"] {
        let step = json!({"connection": connection, "action": "issue_tracker.create_issue", "input": {"title": "{{ event.payload.issue.title }}", "body": "**Copied**"}});
        let flow = json!({"on": {"connector": "github", "connection": "hook", "event": "issues.opened"}, "do": [step]});
        g.put(&format!("/v1/flows/copy-{connection}"), flow).await;
    }
    let (status, e) = g
        .try_put(
            "/v1/flows/wrong",
            json!({"on": {"connector": "github", "event": "push"}, "do": [{"connection": "ji", "action": "issue_tracker.create_issue", "input": {"titel": "x"}}]}),
        )
        .await;
    assert_eq!(status, 422, "{e}");
    let opened =
        json!({"action": "opened", "issue": {"number": 1, "title": "It leaks"}, "repository": {"full_name": "a/b"}});
    g.github("issues", "d-1", &opened.to_string()).await;
    let runs = g.settled_runs(2).await;
    for run in &runs {
        assert_eq!(run["state"], "succeeded", "{run}");
        let run = g.get(&format!("/v1/runs/{}", run["id"].as_str().unwrap())).await;
        let key = run["output"]["key"].as_str().unwrap();
        assert!(matches!(key, "o/r#7" | "ENG-24"), "{run}");
        assert_eq!(run["output"]["title"], "It leaks", "{run}");
    }
}
