//! Health as people see it: counted by the running gateway, shown by the command line, kept over a stop.

use serde_json::{Value, json};

use crate::gateway::{Gateway, cli, text};

#[tokio::test]
async fn health_is_shown_told_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let nowhere = json!({"connector": "jira", "values": {"site": "https://127.0.0.1", "email": "a@example.com", "api_token": "t"}});
    g.put("/v1/connections/j", nowhere).await;
    let flow = json!({
        "on": {"connector": "jackfield", "event": "connection.*"},
        "do": [{"connection": "j", "action": "list_projects", "input": {}}],
    });
    g.put("/v1/flows/alarm", flow).await;
    let (status, _) = g.post("/v1/connections/j/actions/list_projects", json!({})).await;
    assert_eq!(status, 403, "the guard lets nothing go there");

    let shown = g.cli(&["connections", "health"]);
    let shown = text(&shown.stdout);
    assert!(shown.contains("unknown") && shown.contains("0/1/0"), "halted, and no failure: {shown}");
    let (status, check) = g.post("/v1/connections/j/check", json!({})).await;
    assert_eq!((status, &check["ok"]), (200, &json!(false)));
    let one = text(&g.cli(&["connections", "health", "j"]).stdout);
    for part in ["failing", "/site", "alarm", "list_projects"] {
        assert!(one.contains(part), "{part} in {one}");
    }
    assert!(g.cli(&["connections", "disable", "j"]).status.success());

    let types = |events: &Value| -> Vec<String> {
        let items = events["items"].as_array().unwrap().iter();
        items.map(|e| e["event_type"].as_str().unwrap().to_owned()).collect()
    };
    let events = g.get("/v1/events?connector=jackfield").await;
    assert_eq!(types(&events), ["connection.disabled", "connection.health_changed"]);
    assert!(!g.settled_runs(2).await.is_empty(), "the flow was started by both");

    let list = g.cli(&["actions", "list", "--connection", "j"]);
    assert!(text(&list.stdout).contains("create_issue") && text(&list.stderr).contains("connections describe j"));
    let action = text(&g.cli(&["actions", "show", "create_issue", "--connection", "j"]).stdout);
    assert!(action.contains("project_key"), "{action}");

    let state = g.dir.clone();
    assert_eq!(g.stop(), Some(0));
    let kept: Value = serde_json::from_slice(&cli(&state, &["connections", "health", "j", "--json"]).stdout).unwrap();
    assert_eq!((&kept["state"], &kept["last_24h"]["failure"]), (&json!("disabled"), &json!(0)));
    assert!(kept["last_24h"]["halted"].as_u64().unwrap() >= 1, "{kept}");
    assert_eq!(kept["disabled_because"], Value::Null, "a person did it");
    assert!(cli(&state, &["connections", "enable", "j"]).status.success(), "what a person switched off needs no check");
}
