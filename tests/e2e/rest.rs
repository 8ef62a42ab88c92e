//! The REST API: who may, what errors look like, and that its description is the committed one.

use serde_json::{Value, json};

use crate::gateway::{Gateway, client};

#[tokio::test]
async fn rest_needs_the_token_and_health_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let status = async |path: &str, auth: Option<&str>| {
        let mut r = client().get(format!("{}{path}", g.url));
        if let Some(a) = auth {
            r = r.header("authorization", a);
        }
        r.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("/health/live", None).await, 200);
    assert_eq!(status("/health/ready", None).await, 200);
    assert_eq!(status("/openapi.json", None).await, 200);
    for path in ["/v1/status", "/v1/connections", "/v1/deliveries", "/v1/connectors/slack"] {
        assert_eq!(status(path, None).await, 401, "{path}");
        assert_eq!(status(path, Some("Bearer wrong")).await, 401, "{path}");
        assert_eq!(status(path, Some(&format!("Basic {}", g.token()))).await, 401, "{path}");
        assert_eq!(status(path, Some(&format!("Bearer {}", g.token()))).await, 200, "{path}");
    }
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |name: &str| std::fs::metadata(g.dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("token"), 0o600);
    assert_eq!(std::fs::metadata(&g.dir).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn errors_name_the_field_the_connector_and_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let pointers = |v: &Value| -> Vec<String> {
        v["error"]["fields"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|f| f["pointer"].as_str().unwrap().to_owned())
            .collect()
    };

    let (status, e) = g.try_put("/v1/connections/c", json!({"connector": "slak", "values": {}})).await;
    assert_eq!(status, 422, "{e}");
    assert_eq!(pointers(&e), ["/connector"]);
    assert!(e["error"]["message"].as_str().unwrap().contains("did you mean `slack`"), "{e}");

    let (status, e) = g
        .try_put("/v1/connections/c", json!({"connector": "jira", "values": {"site": "nonsense", "tokn": "SHOWN"}}))
        .await;
    assert_eq!(status, 422);
    assert_eq!(pointers(&e), ["/values/api_token", "/values/site", "/values/tokn"], "{e}");
    assert!(!e.to_string().contains("SHOWN"), "{e}");

    let (status, e) = g.try_put("/v1/connections/Not An Id", json!({"connector": "jira"})).await;
    assert_eq!((status, pointers(&e)), (422, vec!["/id".to_owned()]), "{e}");

    let (status, e) = g.try_put("/v1/flows/f", json!({"on": {"connector": "github", "event": 7}, "do": []})).await;
    assert_eq!((status, pointers(&e)), (422, vec!["/on/event".to_owned()]), "{e}");

    g.put("/v1/connections/s", json!({"connector": "slack", "values": {"bot_token": "t"}})).await;
    let (status, e) = g.post("/v1/connections/s/actions/chat_post_mesage", json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(e["error"]["code"], "INVALID_ARGUMENT");
    assert!(e["error"]["message"].as_str().unwrap().contains("`chat_post_message`"), "{e}");

    let (status, e) = g.post("/v1/connections/s/actions/chat_post_message", json!({"chanel": "C1", "text": 5})).await;
    assert_eq!(status, 422);
    assert_eq!(e["error"]["connector"], "slack");
    assert_eq!(pointers(&e), ["/chanel", "/channel", "/text"], "{e}");

    let (status, e) = g.post("/v1/connections/none/actions/x", json!({})).await;
    assert_eq!((status, e["error"]["kind"].as_str().unwrap()), (404, "not_found"));

    let raw =
        client().put(format!("{}/v1/flows/f", g.url)).bearer_auth(g.token()).body("{\"on\": ").send().await.unwrap();
    assert_eq!(raw.status(), 400);
    let (status, e) =
        g.try_put("/v1/apps/a", json!({"connector": "slack", "values": {"signing_secret": "x"}, "nme": "y"})).await;
    assert_eq!(status, 422, "{e}");
    assert!(e.to_string().contains("nme"), "{e}");

    let (status, _) = g.try_put("/v1/apps/a", json!({"connector": "slack", "values": {"signing_secret": "x"}})).await;
    assert_eq!(status, 200);
    g.put("/v1/connections/s", json!({"connector": "slack", "app": "a", "values": {"bot_token": "t"}})).await;
    let gone = client().delete(format!("{}/v1/apps/a", g.url)).bearer_auth(g.token()).send().await.unwrap();
    assert_eq!(gone.status(), 409, "an app that a connection belongs to stays");
    for (path, want) in [
        ("/v1/deliveries/not-a-uuid", 422),
        ("/v1/events?limit=0", 422),
        ("/v1/runs?state=odd", 422),
        ("/v1/runs?nonsense=1", 400),
        ("/v1/nothing", 404),
    ] {
        let r = client().get(format!("{}{path}", g.url)).bearer_auth(g.token()).send().await.unwrap();
        assert_eq!(r.status(), want, "{path}");
    }
}

#[test]
fn the_committed_openapi_document_is_the_one_that_is_served() {
    let out = std::process::Command::new(crate::gateway::BINARY).arg("openapi").output().unwrap();
    assert!(out.status.success());
    let now: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(now["openapi"].as_str().unwrap().starts_with("3.1"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(
        now == committed,
        "docs/openapi.json is out of date; mend it with: cargo run -- openapi > docs/openapi.json"
    );
}
