//! Canary secrets through the running gateway: in no file in the clear, in no log, in no answer.

use serde_json::json;

use crate::gateway::{Gateway, text};

const CANARIES: [&str; 4] =
    ["canary-hook-secret-0123456789", "canary-token-0123456789", "canary-signing-abcdef", "canary-in-a-body-777"];

#[tokio::test]
async fn secrets_and_bodies_are_sealed_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::with_hook(&state).await;
    g.put("/v1/apps/a", json!({"connector": "slack", "values": {"signing_secret": "canary-signing-abcdef"}})).await;
    g.put("/v1/connections/s", json!({"connector": "slack", "values": {"bot_token": "canary-token-0123456789", "base_url": "https://127.0.0.1:1/api"}})).await;
    g.github("issues", "d-1", r#"{"action":"opened","issue":{"title":"canary-in-a-body-777"}}"#).await;
    let mut shown = String::new();
    for path in ["/v1/apps", "/v1/connections", "/v1/connections/hook", "/v1/apps/a", "/v1/deliveries", "/v1/refused"] {
        shown.push_str(&g.get(path).await.to_string());
    }
    // Calls that fail on their way out, and a check that fails.
    shown.push_str(&g.post("/v1/connections/s/actions/auth_test", json!({})).await.1.to_string());
    shown.push_str(&g.post("/v1/connections/s/check", json!({})).await.1.to_string());
    for args in [
        &["connections", "show", "s"][..],
        &["apps", "list", "--json"],
        &["connections", "check", "s"],
        &["action", "run", "s", "auth_test"],
    ] {
        let out = g.cli(args);
        shown.push_str(&text(&out.stdout));
        shown.push_str(&text(&out.stderr));
    }
    let log = g.log.clone();
    assert_eq!(g.stop(), Some(0));
    for c in CANARIES {
        assert!(!shown.contains(c), "`{c}` was shown");
        assert!(!log.lock().unwrap().contains(c), "`{c}` was logged");
        for file in std::fs::read_dir(&state).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(c.len()).any(|w| w == c.as_bytes()), "`{c}` is in {}", path.display());
        }
    }
}
