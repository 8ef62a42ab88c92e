//! The command line: with a gateway running and without, for people and for programs, right and wrong.

use std::process::Command;

use serde_json::{Value, json};

use crate::gateway::{BINARY, Gateway, cli, text};

fn json_of(out: &std::process::Output) -> Value {
    assert!(out.status.success(), "{}", text(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

#[tokio::test]
async fn commands_give_the_same_with_and_without_a_running_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::with_hook(&state).await;
    g.github(
        "issues",
        "d-1",
        r#"{"action":"opened","issue":{"number":1,"title":"t"},"repository":{"full_name":"o/r"}}"#,
    )
    .await;
    let commands = [
        &["connections", "list", "--json"][..],
        &["deliveries", "list", "--json"],
        &["events", "list", "--json"],
        &["runs", "list", "--json"],
        &["flows", "list", "--json"],
    ];
    let while_running: Vec<Value> = commands.iter().map(|c| json_of(&g.cli(c))).collect();
    let url = g.url.clone();
    assert_eq!(g.stop(), Some(0));
    for (c, before) in commands.iter().zip(while_running) {
        let now = json_of(&cli(&state, c));
        // The public URL is that of the gateway which these settings start; the one that ran was told another port.
        assert_eq!(now.to_string(), before.to_string().replace(&url, "http://127.0.0.1:8080"), "{c:?}");
    }
}

#[tokio::test]
async fn resources_can_be_declared_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::start(&state, &[]);
    let file = dir.path().join("all.toml");
    std::fs::write(dir.path().join("hook.txt"), "canary-from-a-file\n").unwrap();
    std::fs::write(
        &file,
        r#"
        [[apps]]
        id = "slack-app"
        connector = "slack"
        values = { signing_secret = "secret://file/hook.txt" }
        [[connections]]
        id = "gh"
        connector = "github"
        values = { token = "secret://file/hook.txt", webhook_secret = "secret://file/hook.txt" }
        [[connections]]
        id = "sl"
        connector = "slack"
        app = "slack-app"
        values = { bot_token = "secret://file/hook.txt" }
        [[flows]]
        id = "f"
        on = { connector = "github", event = "issues.opened" }
        do = [{ connection = "sl", action = "chat_post_message", input = { channel = "C1", text = "{{ event.payload.issue.title }}" } }]
        "#,
    )
    .unwrap();
    let first = json_of(&g.cli(&["apply", file.to_str().unwrap(), "--json"]));
    assert_eq!(first["changes"].as_array().unwrap().len(), 4);
    assert!(first["changes"].as_array().unwrap().iter().all(|c| c["replaced"] == false));
    let again = json_of(&g.cli(&["apply", file.to_str().unwrap(), "--json"]));
    assert!(again["changes"].as_array().unwrap().iter().all(|c| c["replaced"] == true), "applying twice is harmless");
    let flow = json_of(&g.cli(&["flows", "show", "f", "--json"]));
    assert_eq!(flow["do"][0]["action"], "chat_post_message");

    std::fs::write(&file, "[[flows]]\nid = \"f\"\non = { connector = \"github\", event = \"issues.opened\" }\ndo = [{ connection = \"nobody\", action = \"x\" }]\n").unwrap();
    let wrong = g.cli(&["apply", file.to_str().unwrap()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("/flows/0/do/0/connection"), "{}", text(&wrong.stderr));
}

#[tokio::test]
async fn applying_again_at_start_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let file = dir.path().join("all.toml");
    std::fs::write(dir.path().join("s.txt"), "old-secret").unwrap();
    std::fs::write(
        &file,
        "[[apps]]\nid = \"a\"\nconnector = \"slack\"\nvalues = { signing_secret = \"secret://file/s.txt\" }\n[[connections]]\nid = \"c\"\nconnector = \"github\"\nvalues = { token = \"secret://file/s.txt\", webhook_secret = \"secret://file/s.txt\" }\n[[flows]]\nid = \"f\"\non = { connector = \"github\", event = \"push\" }\ndo = [{ connection = \"c\", action = \"add_comment\", input = { owner = \"o\", repo = \"r\", issue_number = 1, body = \"b\" } }]\n",
    )
    .unwrap();
    let apply = ["--apply", file.to_str().unwrap()];
    let g = Gateway::start(&state, &apply);
    assert_eq!(g.post("/v1/flows/f/disable", json!({})).await.0, 200);
    g.put("/v1/connections/c", json!({"connector": "github", "enabled": false})).await;
    // The operator rotates: the file's secret is the new one, the old one stays valid.
    std::fs::write(dir.path().join("s.txt"), "new-secret").unwrap();
    g.put("/v1/connections/c/secrets/webhook_secret", json!({"value": "new-secret", "rotate": true})).await;
    assert_eq!(g.stop(), Some(0));
    let g = Gateway::start(&state, &apply);
    assert_eq!(g.get("/v1/flows/f").await["enabled"], false);
    assert_eq!(g.get("/v1/connections/c").await["enabled"], false);
    g.put("/v1/connections/c", json!({"connector": "github", "enabled": true})).await;
    for (i, secret) in ["old-secret", "new-secret"].into_iter().enumerate() {
        let body = format!("{{\"n\":{i}}}");
        let r = crate::gateway::client()
            .post(format!("{}/webhooks/github/c", g.url))
            .header("content-type", "application/json");
        let r = r.header("x-github-event", "push").header("x-github-delivery", i.to_string());
        let r = r.header("x-hub-signature-256", crate::gateway::github_signature(body.as_bytes(), secret)).body(body);
        assert_eq!(r.send().await.unwrap().status(), 202, "{secret}");
    }
}

#[tokio::test]
async fn secrets_do_not_stand_on_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::start(&state, &[]);
    let refused = g.cli(&["connections", "put", "c", "--connector", "slack", "--set", "bot_token=xyz"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("secret://env/NAME"), "{}", text(&refused.stderr));
    let taken = Command::new(BINARY)
        .args([
            "connections",
            "put",
            "c",
            "--connector",
            "slack",
            "--set",
            "bot_token=secret://env/THE_TOKEN",
            "--set",
            "team_id=T1",
            "--json",
            "--state-dir",
        ])
        .arg(&state)
        .env("THE_TOKEN", "canary-env")
        .output()
        .unwrap();
    let v = json_of(&taken);
    assert_eq!((&v["secrets"], &v["values"]["team_id"]), (&json!(["bot_token"]), &json!("T1")));
    for (command, want) in [("disable", false), ("enable", true)] {
        assert!(g.cli(&["connections", command, "c"]).status.success());
        let now = json_of(&g.cli(&["connections", "show", "c", "--json"]));
        assert_eq!(
            (&now["enabled"], &now["values"]["team_id"], &now["secrets"]),
            (&json!(want), &json!("T1"), &json!(["bot_token"]))
        );
    }
}

#[test]
fn exit_codes_and_next_steps() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    let out = cli(&nowhere, &["events", "list"]);
    assert_eq!(out.status.code(), Some(3));
    assert!(text(&out.stderr).contains("jackfield serve"), "{}", text(&out.stderr));
    assert!(!nowhere.exists(), "looking does not make a state directory");
    let out = cli(&nowhere, &["connectors", "show", "slak"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("did you mean `slack`"), "{}", text(&out.stderr));
    assert_eq!(cli(&nowhere, &["nonsense"]).status.code(), Some(2));
    assert_eq!(cli(&nowhere, &["action", "run", "c", "a", "--input", "{"]).status.code(), Some(1));
    let list = cli(&nowhere, &["connectors", "list", "--json"]);
    let ids: Vec<String> =
        json_of(&list).as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    assert!(ids == sorted && ids.contains(&"slack".to_owned()), "{ids:?}");
    assert!(text(&Command::new(BINARY).args(["completions", "bash"]).output().unwrap().stdout).contains("_jackfield"));
}

#[test]
fn configuration_is_checked_with_its_sources() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jackfield.toml");
    std::fs::write(&file, "public_url = \"https://hooks.example.com/\"\n").unwrap();
    let out = Command::new(BINARY)
        .args(["config", "check", "--json", "--config"])
        .arg(&file)
        .env("JACKFIELD_LISTEN", "127.0.0.1:9")
        .output()
        .unwrap();
    let lines = json_of(&out);
    let line = |key: &str| lines.as_array().unwrap().iter().find(|l| l["key"] == key).unwrap().clone();
    assert_eq!(
        line("public_url"),
        json!({"key": "public_url", "value": "https://hooks.example.com/", "source": "file"})
    );
    assert_eq!(line("listen")["source"], "flag_or_environment");
    assert_eq!(line("log")["source"], "default");
    std::fs::write(&file, "publik_url = 1\n").unwrap();
    let out = Command::new(BINARY).args(["config", "check", "--config"]).arg(&file).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("publik_url"), "{}", text(&out.stderr));
}

#[test]
fn a_second_gateway_on_the_same_directory_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let _g = Gateway::start(&state, &[]);
    let out = cli(&state, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("in use by another gateway"), "{}", text(&out.stderr));
}

#[test]
fn the_demonstration_runs_its_whole_chain() {
    use std::io::{BufRead as _, BufReader};
    let mut child =
        Command::new(BINARY).args(["serve", "--demo"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut seen = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        seen.push_str(&line);
        seen.push('\n');
        if line.starts_with("Serving until") {
            break;
        }
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    for part in [
        "verified   hmac_sha256",
        "with issues.opened",
        "starts issue-to-jira, issue-to-slack; 1 other",
        "chat_post_message of demo-slack",
        "create_issue of demo-jira",
        "answered   202 Accepted to GitHub, trace 0",
        "Slack  POST /api/chat.postMessage",
        "Jira   POST /rest/api/3/issue",
        "Post your own",
    ] {
        assert!(seen.contains(part), "`{part}` is not in:\n{seen}");
    }
    assert!(!seen.contains("refused:"), "{seen}");
}
