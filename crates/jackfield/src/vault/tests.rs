//! Vault as its API is documented, and as it is when it does not want or cannot.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use connector_http::SystemClock;
use jackfield_store::{KeySource, KeySources, SqliteStore, StoreError, VaultStore as _};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, header, method, path},
};

use super::*;

const VAULT_TOKEN: &str = "hvs.canary-of-vault";

fn vault(server: &MockServer, dir: &std::path::Path) -> Arc<Vault> {
    vault_at(server.address().port(), dir)
}

fn vault_at(port: u16, dir: &std::path::Path) -> Arc<Vault> {
    let file = dir.join("vault-token");
    std::fs::write(&file, format!("{VAULT_TOKEN}\n")).unwrap();
    let allow = [format!("127.0.0.1/32:{port}")];
    let transport = Arc::new(crate::serve::transport(&allow).unwrap());
    let vault = Vault::new(
        &format!("http://127.0.0.1:{port}"),
        Some("team/a".into()),
        Some(file),
        transport,
        Arc::new(SystemClock),
    );
    Arc::new(vault.unwrap())
}

/// As the transit engine answers: a ciphertext that only it can read.
async fn transit(server: &MockServer) {
    let asked = |operation: &str| {
        Mock::given(method("POST"))
            .and(path(format!("/v1/transit/{operation}/jackfield")))
            .and(header("x-vault-token", VAULT_TOKEN))
            .and(header("x-vault-namespace", "team/a"))
            .and(header("x-vault-request", "true"))
    };
    let wraps = |r: &wiremock::Request| {
        let body: Value = serde_json::from_slice(&r.body).unwrap();
        let turned: String = body["plaintext"].as_str().unwrap().chars().rev().collect();
        ResponseTemplate::new(200)
            .set_body_json(json!({"data": {"ciphertext": format!("vault:v1:{turned}"), "key_version": 1}}))
    };
    let unwraps = |r: &wiremock::Request| {
        let body: Value = serde_json::from_slice(&r.body).unwrap();
        let turned = body["ciphertext"].as_str().unwrap().strip_prefix("vault:v1:").unwrap();
        let clear: String = turned.chars().rev().collect();
        ResponseTemplate::new(200).set_body_json(json!({"data": {"plaintext": clear}}))
    };
    asked("encrypt").respond_with(wraps).mount(server).await;
    asked("decrypt").respond_with(unwraps).mount(server).await;
}

#[tokio::test]
async fn the_key_is_wrapped_by_vault_and_kept_nowhere_else() {
    let (server, dir) = (MockServer::start().await, tempfile::tempdir().unwrap());
    transit(&server).await;
    let state = dir.path().join("state");
    let source = KeySource::Managed("vault:transit/jackfield".into());
    let sources = KeySources::new(&state).chosen(source.clone()).manager(vault(&server, dir.path()));
    let store = SqliteStore::open_with(&state, sources.clone()).await.unwrap();
    store.put_named_secret("s", "value".into(), jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    drop(store);
    assert!(!state.join("key").exists());
    let store = SqliteStore::open_with(&state, sources.clone()).await.unwrap();
    assert_eq!(store.named_secret("s").await.unwrap().expose(), b"value");
    // Another one, and from a file to Vault.
    let first = store.keys().await.unwrap().current;
    store.rotate_key(None).await.unwrap();
    while store.rewrap(100).await.unwrap() {}
    assert_ne!(store.keys().await.unwrap().current.id, first.id);
    drop(store);
    let other = dir.path().join("other");
    let sources = KeySources::new(&other).manager(vault(&server, dir.path()));
    let store = SqliteStore::open_with(&other, sources.clone()).await.unwrap();
    store.rotate_key(Some(source)).await.unwrap();
    while store.rewrap(100).await.unwrap() {}
    assert!(!other.join("key").exists(), "the old key's file is gone");
    drop(store);
    SqliteStore::open_with(&other, sources).await.unwrap();
}

#[tokio::test]
async fn a_vault_that_does_not_give_the_key_is_told_apart_from_a_wrong_key() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let source = KeySource::Managed("vault:transit/jackfield".into());
    let open = async |server: &MockServer| {
        let sources = KeySources::new(&state).chosen(source.clone()).manager(vault(server, dir.path()));
        SqliteStore::open_with(&state, sources).await
    };
    let well = MockServer::start().await;
    transit(&well).await;
    drop(open(&well).await.unwrap());

    let refused = |status: u16, body: Value| async move {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&server)
            .await;
        server
    };
    let another = BASE64.encode(jackfield_store::MasterKey::generate().unwrap().to_text().expose());
    for (status, body, said) in [
        (403, json!({"errors": ["permission denied"]}), "refuses (403 permission denied)"),
        (503, json!({"errors": ["Vault is sealed"]}), "is sealed"),
        (500, json!({"errors": ["internal error"]}), "does not answer now"),
        (429, json!({"errors": []}), "does not answer now"),
        (400, json!({"errors": ["cipher: message authentication failed"]}), "400 cipher"),
        (404, json!({"errors": []}), "has no transit/decrypt/jackfield"),
        (200, json!({"data": {}}), "no plaintext"),
        (200, json!({"data": {"plaintext": "!!"}}), "no plaintext"),
        (200, json!({"data": {"plaintext": BASE64.encode("short")}}), "is no key"),
        (200, json!({"data": {"plaintext": another}}), "instead"),
    ] {
        let server = refused(status, body).await;
        let e = open(&server).await.err().expect("it does not open");
        assert!(e.to_string().contains(said), "{status}: {e}");
        assert_eq!(matches!(e, StoreError::WrongKey(_)), said == "instead" || said == "is no key", "{status}: {e}");
        assert!(!e.to_string().contains(VAULT_TOKEN) && !e.to_string().contains(&another));
    }
    // Where nobody listens.
    let vault = vault_at(1, dir.path());
    let e = vault.unwrap("vault:transit/jackfield", "vault:v1:x").await.err().unwrap();
    assert!(e.contains("cannot be reached"), "{e}");
    for name in ["vault:", "vault:a/", "vault:../x", "vault:a/b?c", "vault:a b"] {
        assert!(vault.unwrap(name, "x").await.err().unwrap().contains("must be vault:MOUNT/NAME"), "{name}");
    }
}

#[tokio::test]
async fn secrets_are_read_as_kv_version_2_keeps_them() {
    let (server, dir) = (MockServer::start().await, tempfile::tempdir().unwrap());
    let data = json!({"data": {"data": {"token": "xoxb-1", "n": 7}, "metadata": {"version": 3}}});
    Mock::given(method("GET"))
        .and(path("/v1/secret/data/jackfield/slack"))
        .and(header("x-vault-token", VAULT_TOKEN))
        .respond_with(ResponseTemplate::new(200).set_body_json(data))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(404).set_body_json(json!({"errors": []})))
        .mount(&server)
        .await;
    let vault = vault(&server, dir.path());
    assert_eq!(vault.read("secret/jackfield/slack", "token").await.unwrap().expose(), b"xoxb-1");
    for (path, field, said) in [
        ("secret/jackfield/slack", "n", "is no text"),
        ("secret/jackfield/slack", "other", "has no field `other`"),
        ("secret/jackfield/none", "token", "404"),
    ] {
        let e = vault.read(path, field).await.err().unwrap();
        assert!(e.text.contains(said) && !e.passing, "{e}");
        assert!(!e.text.contains("xoxb-1"));
    }
    std::fs::remove_file(dir.path().join("vault-token")).unwrap();
    let e = vault.read("secret/jackfield/slack", "token").await.err().unwrap();
    assert!(e.text.contains("vault-token"), "the file is named: {e}");
}

#[tokio::test]
async fn the_body_is_as_vault_documents_it() {
    let (server, dir) = (MockServer::start().await, tempfile::tempdir().unwrap());
    Mock::given(method("POST"))
        .and(path("/v1/secrets/transit/encrypt/k"))
        .and(body_partial_json(json!({"plaintext": BASE64.encode("the key")})))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"data": {"ciphertext": "vault:v1:abc"}})))
        .expect(1)
        .mount(&server)
        .await;
    let wrapped = vault(&server, dir.path()).wrap("vault:secrets/transit/k", &Secret::from("the key")).await;
    assert_eq!(wrapped.unwrap(), "vault:v1:abc");
}
