//! Keys, named secrets, files and copies by REST and by command, as people use them.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use jackfield_store::MasterKey;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path_regex},
};

use crate::gateway::{Gateway, HOOK_SECRET, cli, cli_with, client, text};

fn json_of(out: &std::process::Output) -> Value {
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}{}", text(&out.stdout), text(&out.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_rotated_while_the_gateway_works_and_a_copy_is_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::with_hook(&state).await;
    for i in 0..400 {
        g.put(&format!("/v1/secrets/s{i}"), json!({"value": format!("value {i}")})).await;
    }
    let (stop, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let sender = tokio::spawn({
        let (url, stop, taken) = (g.url.clone(), stop.clone(), taken.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                let n = taken.load(Ordering::Relaxed);
                let body = json!({"action": "opened", "issue": {"number": n, "title": "t"}}).to_string();
                let sent =
                    client().post(format!("{url}/webhooks/github/hook")).header("content-type", "application/json");
                let sent = sent.header("x-github-event", "issues").header("x-github-delivery", format!("d-{n}"));
                let signed = crate::gateway::github_signature(body.as_bytes(), HOOK_SECRET);
                let answer = sent.header("x-hub-signature-256", signed).body(body).send().await.unwrap();
                assert_eq!(answer.status(), 202, "no webhook is refused while the key changes");
                taken.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let old_key = fs::read(state.join("key")).unwrap();
    let before = json_of(&g.cli(&["keys", "status", "--json"]))["current"]["id"].clone();
    for _ in 0..3 {
        let rotated = json_of(&g.cli(&["keys", "rotate", "--json"]));
        assert_eq!(rotated["rotation"], Value::Null, "the command waits for its end");
        assert_ne!(rotated["current"]["id"], before);
    }
    assert_ne!(fs::read(state.join("key")).unwrap(), old_key);
    assert!(!state.join("key.next").exists());

    while taken.load(Ordering::Relaxed) < 20 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let acknowledged = taken.load(Ordering::Relaxed);
    let copy = dir.path().join("copy.db");
    let out = g.cli(&["backup", copy.to_str().unwrap()]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("the master key is not in it"), "{}", text(&out.stderr));
    let again = g.cli(&["backup", copy.to_str().unwrap()]);
    assert!(!again.status.success() && text(&again.stderr).contains("--force"), "{}", text(&again.stderr));
    assert!(g.cli(&["backup", copy.to_str().unwrap(), "--force"]).status.success());
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no draft is left");
    stop.store(true, Ordering::Relaxed);
    sender.await.unwrap();

    // In use; elsewhere without the key; with the key of before; with the right one.
    let out = g.cli(&["restore", copy.to_str().unwrap(), "--force"]);
    assert!(!out.status.success() && text(&out.stderr).contains("in use"), "{}", text(&out.stderr));
    let key = fs::read(state.join("key")).unwrap();
    assert_eq!(g.stop(), Some(0));
    let out = cli(&state, &["restore", copy.to_str().unwrap()]);
    assert!(!out.status.success() && text(&out.stderr).contains("--force"), "{}", text(&out.stderr));
    let other = dir.path().join("other");
    let restore = || cli(&other, &["restore", copy.to_str().unwrap()]);
    let out = restore();
    assert!(!out.status.success() && text(&out.stderr).contains("Restore that key"), "{}", text(&out.stderr));
    let put = |key: &[u8]| {
        let _ = fs::remove_file(other.join("key"));
        fs::write(other.join("key"), key).unwrap();
        fs::set_permissions(other.join("key"), fs::Permissions::from_mode(0o600)).unwrap();
    };
    put(&old_key);
    assert!(text(&restore().stderr).contains("holds the key"));
    put(&key);
    let out = restore();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let g = Gateway::start(&other, &[]);
    let counts = g.get("/v1/status").await["counts"].clone();
    assert!(counts["events"].as_u64().unwrap() >= acknowledged as u64, "{counts}");
    assert_eq!(g.get("/v1/secrets").await.as_array().unwrap().len(), 400);
    // Its webhook's key opens.
    assert_eq!(g.github("issues", "after", r#"{"action":"opened","issue":{"number":1}}"#).await.0, 202);
}

#[tokio::test]
async fn killed_amid_a_rotation_the_gateway_goes_on_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let mut g = Gateway::with_hook(&state).await;
    for i in 0..300 {
        g.put(&format!("/v1/secrets/s{i}"), json!({"value": "x"})).await;
    }
    for round in 0..4 {
        let before = g.get("/v1/keys").await["current"]["id"].clone();
        assert_eq!(g.post("/v1/keys/rotate", json!({})).await.0, 200);
        g.kill();
        g = Gateway::start(&state, &[]);
        let mut now = Value::Null;
        for _ in 0..400 {
            now = g.get("/v1/keys").await;
            if now["rotation"].is_null() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(now["rotation"].is_null() && now["current"]["id"] != before, "{now}");
        let delivery = format!("d-{round}");
        assert_eq!(g.github("issues", &delivery, r#"{"action":"opened","issue":{"number":1}}"#).await.0, 202);
    }
}

fn refusal_of_start(state: &Path, environment: &[(&str, &str)]) -> String {
    let out = cli_with(state, &["serve", "--listen", "127.0.0.1:0"], b"", environment);
    assert!(!out.status.success());
    text(&out.stderr)
}

#[tokio::test]
async fn a_gateway_without_its_key_says_which_one_it_needs() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::with_hook(&state).await;
    let id = g.get("/v1/keys").await["current"]["id"].as_str().unwrap().to_owned();
    assert_eq!(g.stop(), Some(0));
    let key = fs::read_to_string(state.join("key")).unwrap();
    fs::rename(state.join("key"), dir.path().join("elsewhere")).unwrap();
    for environment in [&[][..], &[("JACKFIELD_KEY", "env")], &[("JACKFIELD_KEY", "file:/nowhere")]] {
        let said = refusal_of_start(&state, environment);
        assert!(said.contains(&id) && said.contains("Restore that key"), "{said}");
    }
    let said = refusal_of_start(&state, &[("JACKFIELD_KEY", "env"), ("JACKFIELD_MASTER_KEY", "c2hvcnQ=")]);
    assert!(said.contains("openssl rand -base64 32") && !said.contains("c2hvcnQ"), "{said}");
    // The key that moved is found where it is now.
    let path = format!("file:{}", dir.path().join("elsewhere").display());
    drop(Gateway::start_with(&state, &[], &[("JACKFIELD_KEY", &path)]));
    let g = Gateway::start_with(&state, &[], &[("JACKFIELD_KEY", "env"), ("JACKFIELD_MASTER_KEY", key.trim())]);
    assert_eq!(g.get("/v1/keys").await["current"]["source"], "env");
    // From one variable to another.
    assert_eq!(g.stop(), Some(0));
    let next = MasterKey::generate().unwrap();
    let next = String::from_utf8(next.to_text().expose().to_vec()).unwrap();
    let both = [
        ("JACKFIELD_KEY", "env"),
        ("JACKFIELD_MASTER_KEY", next.as_str()),
        ("JACKFIELD_MASTER_KEY_PREVIOUS", key.trim()),
    ];
    let g = Gateway::start_with(&state, &[], &both);
    let rotated = json_of(&g.cli(&["keys", "rotate", "--json"]));
    assert_ne!(rotated["current"]["id"], id.as_str());
    assert_eq!(g.stop(), Some(0));
    let g = Gateway::start_with(&state, &[], &both[..2]);
    assert_eq!(g.github("issues", "d", r#"{"action":"opened","issue":{"number":1}}"#).await.0, 202);
    let out = g.cli(&["keys", "rotate"]);
    assert!(text(&out.stderr).contains("JACKFIELD_MASTER_KEY_PREVIOUS"), "{}", text(&out.stderr));
}

#[tokio::test]
async fn named_secrets_are_used_by_name_and_told_by_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let fake = MockServer::start().await;
    for token in ["one-token", "two-token", "of-a-file"] {
        let answer =
            json!({"ok": true, "user": token, "user_id": "U", "team": "T", "team_id": "T", "url": "https://x"});
        let by = Mock::given(header("authorization", format!("Bearer {token}").as_str()));
        by.respond_with(ResponseTemplate::new(200).set_body_json(answer)).mount(&fake).await;
    }
    fs::create_dir(dir.path().join("secrets")).unwrap();
    fs::write(dir.path().join("secrets/t"), "of-a-file\n").unwrap();
    let port = format!("127.0.0.1/32:{}", fake.address().port());
    let secrets_dir = dir.path().join("secrets");
    let g = Gateway::start(&state, &["--allow-network", &port, "--secrets-dir", secrets_dir.to_str().unwrap()]);
    let put = |value: &str| cli_with(&state, &["secrets", "put", "slack", "--json"], value.as_bytes(), &[]);
    let url = format!("base_url={}/api", fake.uri());
    let connect =
        ["connections", "put", "c", "--connector", "slack", "--set", &url, "--set", "bot_token=secret://slack"];
    let early = g.cli(&connect);
    assert!(
        text(&early.stderr).contains("/values/bot_token: names a secret that is not set"),
        "{}",
        text(&early.stderr)
    );
    assert_eq!(json_of(&put("one-token\n"))["id"], "slack");
    assert!(g.cli(&connect).status.success());
    let called = async || g.post("/v1/connections/c/actions/auth_test", json!({})).await;
    assert_eq!(called().await.0, 200);
    let sent = async |token: &str| {
        let bearer = format!("Bearer {token}");
        fake.received_requests().await.unwrap().iter().filter(|r| r.headers["authorization"] == bearer.as_str()).count()
    };
    assert_eq!((sent("one-token").await, sent("two-token").await), (1, 0));
    put("two-token");
    assert_eq!(called().await.0, 200);
    assert_eq!((sent("one-token").await, sent("two-token").await), (1, 1), "the new value is used at once");
    let list = json_of(&g.cli(&["secrets", "list", "--json"]));
    assert_eq!((&list[0]["name"], &list[0]["used_by"]), (&json!("slack"), &json!(["connection/c/bot_token"])));
    let out = g.cli(&["secrets", "remove", "slack"]);
    assert!(text(&out.stderr).contains("connection `c`"), "{}", text(&out.stderr));

    // By REST: what the operator opened, and nothing else.
    let connection = |token: &str| json!({"connector": "slack", "values": {"base_url": format!("{}/api", fake.uri()), "bot_token": token}});
    g.put("/v1/connections/c", connection("secret://file/t")).await;
    assert_eq!(called().await.0, 200);
    fs::remove_file(dir.path().join("secrets/t")).unwrap();
    let (status, e) = called().await;
    assert_eq!((status, &e["error"]["kind"]), (422, &json!("misconfigured")), "{e}");
    assert!(e["error"]["message"].as_str().unwrap().contains("secret://file/t"), "{e}");
    for wrong in [
        "secret://env/HOME",
        "secret://env/JACKFIELD_MASTER_KEY",
        "secret://file/../state/key",
        "secret://file//etc/passwd",
        "secret://vault/a/b#c",
        "secret://nothing",
        "file_0189c5c0a1b27abc8123456789abcdef",
    ] {
        let (status, e) = g.try_put("/v1/connections/d", connection(wrong)).await;
        assert_eq!((status, &e["error"]["fields"][0]["pointer"]), (422, &json!("/values/bot_token")), "{wrong}: {e}");
    }
    assert!(g.cli(&["secrets", "remove", "slack"]).status.success(), "nothing refers to it any more");
}

#[tokio::test]
async fn files_are_kept_and_given_back_unless_they_are_secret() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::start(&state, &[]);
    let path = dir.path().join("page.html");
    fs::write(&path, "<script>alert(1)</script>").unwrap();
    let put = |more: &[&str]| {
        let out = g.cli(&[&["files", "put", path.to_str().unwrap(), "--type", "text/html"], more].concat());
        assert!(out.status.success(), "{}", text(&out.stderr));
        text(&out.stdout).trim().to_owned()
    };
    let (plain, hidden) = (put(&[]), put(&["--encrypted"]));
    assert_eq!(text(&g.cli(&["files", "get", &plain]).stdout), "<script>alert(1)</script>");
    let answer = client().get(format!("{}/v1/files/{plain}", g.url)).bearer_auth(g.token()).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("content-disposition"), "attachment");
    assert!(header("content-security-policy").contains("sandbox"));
    let refused = g.cli(&["files", "get", &hidden]);
    assert!(!refused.status.success() && refused.stdout.is_empty() && text(&refused.stderr).contains("never shown"));
    let list = json_of(&g.cli(&["files", "list", "--json"]));
    assert_eq!(
        (&list[0]["encrypted"], &list[0]["sha256"], &list[1]["media_type"]),
        (&json!(true), &Value::Null, &json!("text/html"))
    );
    fs::write(&path, vec![0; (10 << 20) + 1]).unwrap();
    let out = g.cli(&["files", "put", path.to_str().unwrap()]);
    assert!(!out.status.success() && text(&out.stderr).contains("larger than"), "{}", text(&out.stderr));
    for id in [&plain, &hidden] {
        assert!(g.cli(&["files", "remove", id]).status.success());
    }
    assert_eq!(g.get("/v1/files").await, json!([]));
}

#[tokio::test]
async fn vault_wraps_the_key_and_gives_secrets_to_whom_it_may() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let fake = MockServer::start().await;
    // A transit engine that turns texts round, and a KV engine.
    let turned = |text: &str| text.chars().rev().collect::<String>();
    let transit = move |r: &wiremock::Request| {
        let body: Value = serde_json::from_slice(&r.body).unwrap();
        let data = match (body["plaintext"].as_str(), body["ciphertext"].as_str()) {
            (Some(clear), _) => json!({"ciphertext": format!("vault:v1:{}", turned(clear))}),
            (_, Some(sealed)) => json!({"plaintext": turned(sealed.strip_prefix("vault:v1:").unwrap())}),
            _ => return ResponseTemplate::new(400),
        };
        ResponseTemplate::new(200).set_body_json(json!({"data": data}))
    };
    let by_us = || Mock::given(header("x-vault-token", "hvs.ours"));
    by_us().and(path_regex("^/v1/transit/(en|de)crypt/jackfield$")).respond_with(transit).mount(&fake).await;
    let kept = json!({"data": {"data": {"token": "token-of-vault"}, "metadata": {"version": 1}}});
    let at = path_regex("^/v1/secret/data/jackfield/slack$");
    by_us().and(at).respond_with(ResponseTemplate::new(200).set_body_json(kept)).mount(&fake).await;
    let answer = json!({"ok": true, "user": "u", "user_id": "U", "team": "T", "team_id": "T", "url": "https://x"});
    let by_token = Mock::given(header("authorization", "Bearer token-of-vault"));
    by_token.respond_with(ResponseTemplate::new(200).set_body_json(answer)).mount(&fake).await;

    let port = format!("127.0.0.1/32:{}", fake.address().port());
    let environment = [
        ("JACKFIELD_KEY", "vault:transit/jackfield"),
        ("JACKFIELD_VAULT_ADDRESS", &fake.uri()),
        ("JACKFIELD_VAULT_TOKEN", "hvs.ours"),
        ("JACKFIELD_VAULT_SECRETS", "secret/jackfield"),
        ("JACKFIELD_ALLOW_NETWORKS", &port),
    ];
    let g = Gateway::start_with(&state, &[], &environment);
    let values = |token: &str| json!({"connector": "slack", "values": {"base_url": format!("{}/api", fake.uri()), "bot_token": token}});
    g.put("/v1/connections/c", values("secret://vault/secret/jackfield/slack#token")).await;
    let (status, e) = g.try_put("/v1/connections/d", values("secret://vault/secret/others/slack#token")).await;
    assert_eq!(status, 422, "{e}");
    let called = async |g: &Gateway| g.post("/v1/connections/c/actions/auth_test", json!({})).await;
    assert_eq!(called(&g).await.0, 200);
    assert_eq!(g.get("/v1/keys").await["current"]["source"], "vault:transit/jackfield");
    assert!(!state.join("key").exists());
    assert_eq!(g.stop(), Some(0));

    // Without the right to ask, and without the network that Vault is in.
    let other = [&environment[..2], &[("JACKFIELD_VAULT_TOKEN", "hvs.theirs"), environment[4]]].concat();
    let said = refusal_of_start(&state, &other);
    assert!(said.contains("Vault has no transit/decrypt/jackfield (404") && !said.contains("hvs."), "{said}");
    let said = refusal_of_start(&state, &environment[..4]);
    assert!(said.contains("--allow-network"), "{said}");
    let g = Gateway::start_with(&state, &[], &environment);
    assert_eq!(called(&g).await.0, 200);
}
