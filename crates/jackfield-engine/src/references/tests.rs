//! What a reference may name, and what becomes of one that may not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicUsize, Ordering};

use jackfield_store::{NewFile, SqliteStore};
use jiff::Timestamp;

use super::*;

/// A manager that counts how often it is asked.
#[derive(Default)]
struct Counting {
    asked: AtomicUsize,
    sealed: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl SecretManager for Counting {
    async fn read(&self, path: &str, field: &str) -> std::result::Result<Secret, ManagerError> {
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        if self.sealed.load(Ordering::Relaxed) {
            return Err(ManagerError { text: "sealed".into(), passing: true });
        }
        if field == "absent" {
            return Err(ManagerError { text: "404".into(), passing: false });
        }
        Ok(Secret::from(format!("{path}#{field} {n}")))
    }
}

struct Room {
    dir: tempfile::TempDir,
    store: SharedStore,
    manager: Arc<Counting>,
    references: References,
}

fn room() -> Room {
    let dir = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(SqliteStore::open(&dir.path().join("state")).unwrap());
    let secrets = dir.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    let manager = Arc::<Counting>::default();
    let references = References::default().env_prefix("CARGO_PKG_").dir(&secrets).manager(manager.clone(), "kv/app/");
    Room { dir, store, manager, references }
}

impl Room {
    async fn follow(&self, text: &str) -> Result<String> {
        let secret = self.references.follow(&self.store, Secret::from(text)).await?;
        Ok(secret.expose_str().unwrap().to_owned())
    }

    /// The error's text for callers.
    async fn refused(&self, text: &str) -> String {
        let e = self.follow(text).await.unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Misconfigured, "{text}: {e}");
        assert!(e.caller_text().contains(text), "it is named: {}", e.caller_text());
        e.caller_text().to_owned()
    }
}

#[tokio::test]
async fn each_kind_is_followed_anew_for_each_use() {
    let r = room();
    assert_eq!(r.follow("xoxb-plain").await.unwrap(), "xoxb-plain", "what is no reference stays");
    for value in ["one", "two"] {
        r.store.put_named_secret("slack-token", value.into(), Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(r.follow("secret://slack-token").await.unwrap(), value);
        fs::write(r.dir.path().join("secrets/t"), format!("{value}\r\n")).unwrap();
        assert_eq!(r.follow("secret://file/t").await.unwrap(), value);
    }
    assert_eq!(r.follow("secret://env/CARGO_PKG_NAME").await.unwrap(), "jackfield-engine");
    let file = NewFile {
        name: "key.pem".into(),
        media_type: "text/plain".into(),
        encrypted: true,
        connection: None,
        at: Timestamp::UNIX_EPOCH,
    };
    let handle = r.store.put_file(file, "content".into()).await.unwrap().id;
    assert_eq!(r.follow(&handle).await.unwrap(), "content");
}

#[tokio::test]
async fn what_the_operator_did_not_open_stays_shut() {
    let r = room();
    assert!(r.refused("secret://env/PATH").await.contains("begin with CARGO_PKG_"));
    assert!(r.refused("secret://env/CARGO_PKG_NOT_THERE").await.contains("set it"));
    for wide in ["", "JACKFIELD_"] {
        let wide = References::default().env_prefix(wide);
        for name in ["JACKFIELD_MASTER_KEY", "JACKFIELD_MASTER_KEY_PREVIOUS", "JACKFIELD_VAULT_TOKEN"] {
            assert!(wide.parse(&format!("secret://env/{name}")).is_err(), "never, whatever the prefix: {name}");
        }
    }
    let closed = References::default();
    assert!(closed.parse("secret://file/x").err().unwrap().contains("secrets_dir"));
    assert!(closed.parse("secret://vault/kv/app/x#y").err().unwrap().contains("vault_secrets"));
    for text in ["secret://", "secret://Name", "secret://a/b", "secret://elsewhere/x", "secret://vault/kv/app/x"] {
        assert!(r.references.parse(text).is_err(), "{text}");
    }
    let long = format!("secret://file/{}", "a".repeat(600));
    assert!(r.references.parse(&long).is_err() && r.references.parse("secret://file/a\nb").is_err());
    assert!(r.refused("secret://not-set").await.contains("jackfield secrets put not-set"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_directory() {
    let r = room();
    fs::write(r.dir.path().join("outside"), "stolen").unwrap();
    for path in ["../outside", "/etc/passwd", "a/../../outside", "./../outside", "", "..", "a//../../outside"] {
        assert!(r.references.parse(&format!("secret://file/{path}")).is_err(), "{path}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let secrets = r.dir.path().join("secrets");
        symlink(r.dir.path().join("outside"), secrets.join("link")).unwrap();
        symlink(r.dir.path(), secrets.join("up")).unwrap();
        r.refused("secret://file/link").await;
        r.refused("secret://file/up/outside").await;
        // As Kubernetes mounts secrets: a link within the directory.
        fs::create_dir(secrets.join("..data")).unwrap();
        fs::write(secrets.join("..data/t"), "inside").unwrap();
        symlink("..data/t", secrets.join("t")).unwrap();
        assert_eq!(r.follow("secret://file/t").await.unwrap(), "inside");
        // A directory, and what is too large.
        r.refused("secret://file/..data").await;
        fs::write(secrets.join("large"), vec![b'x'; 2 << 20]).unwrap();
        r.refused("secret://file/large").await;
    }
    fs::write(r.dir.path().join("secrets/empty"), "\n").unwrap();
    assert!(r.refused("secret://file/empty").await.contains("is empty"));
}

#[tokio::test(start_paused = true)]
async fn what_the_manager_said_is_used_for_a_minute_and_failures_are_not() {
    let r = room();
    let text = "secret://vault/kv/app/slack#token";
    assert_eq!(r.follow(text).await.unwrap(), "kv/app/slack#token 0");
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(r.follow(text).await.unwrap(), "kv/app/slack#token 0");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(r.follow(text).await.unwrap(), "kv/app/slack#token 1");
    r.refused("secret://vault/kv/app/slack#absent").await;
    tokio::time::advance(Duration::from_secs(61)).await;
    r.manager.sealed.store(true, Ordering::Relaxed);
    let e = r.follow(text).await.unwrap_err();
    assert!(e.caller_text().contains("try again later") && matches!(e.retry(), RetryAdvice::Safe { .. }), "{e}");
    r.manager.sealed.store(false, Ordering::Relaxed);
    assert!(r.follow(text).await.is_ok());
    for path in ["kv/apple/x", "kv/app", "kv/other/x", "sys/raw", "kv/app/../other/x", "kv/app/%2e%2e/x", "kv/app//x"] {
        assert!(r.references.parse(&format!("secret://vault/{path}#f")).is_err(), "{path}");
    }
}
