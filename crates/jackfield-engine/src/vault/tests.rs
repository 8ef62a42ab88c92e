//! Files that connectors open, secrets that are set, copies that are fetched.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use connector_core::{FixedClock, Registry, Request, Response, Transport, transport::CallContext};
use jackfield_store::SqliteStore;

use super::*;
use crate::Options;

struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request, _: &CallContext) -> connector_core::Result<Response> {
        Err(Error::internal("nothing is called in these tests"))
    }
}

fn engine(dir: &std::path::Path) -> Engine {
    let store = Arc::new(SqliteStore::open(dir).unwrap());
    let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
    Engine::new(Registry::new(), store, Arc::new(Nowhere), clock, Options::default())
}

#[tokio::test]
async fn a_plain_file_is_opened_by_its_handle_and_an_encrypted_one_by_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let e = engine(dir.path());
    let put = async |encrypted| {
        e.put_file("f".into(), "text/plain".into(), encrypted, None, "content".into()).await.unwrap().id
    };
    let (plain, hidden) = (put(false).await, put(true).await);
    let blobs = e.blobs();
    assert_eq!(blobs.open(&plain).await.unwrap(), "content");
    assert_eq!(e.file(&plain).await.unwrap().1, "content");
    assert_eq!(blobs.open(&hidden).await.unwrap_err().kind(), ErrorKind::Refused);
    assert!(e.file(&hidden).await.unwrap_err().to_string().contains("never shown"));
    for handle in ["file_0189c5c0a1b27abc8123456789abcdef", "x", "", "secret://x"] {
        assert_eq!(blobs.open(handle).await.unwrap_err().kind(), ErrorKind::NotFound, "{handle}");
    }
}

#[tokio::test]
async fn a_named_secret_is_a_value_and_has_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let e = engine(dir.path());
    assert!(!e.put_named_secret("a-1", "x".into()).await.unwrap());
    assert!(e.put_named_secret("a-1", "y".into()).await.unwrap(), "it was there");
    for (name, value) in [
        ("", "x"),
        ("A", "x"),
        ("a/b", "x"),
        ("a b", "x"),
        ("b", ""),
        ("b", "secret://a-1"),
        ("b", &"x".repeat(70_000)),
    ] {
        assert!(e.put_named_secret(name, value.into()).await.is_err(), "{name}");
    }
    let all = e.named_secrets().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].secret.name.as_str(), all[0].used_by.len()), ("a-1", 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_goes_on_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let e = engine(dir.path());
    for i in 0..300 {
        e.put_named_secret(&format!("s{i}"), format!("value {i}").into()).await.unwrap();
    }
    let before = e.store().keys().await.unwrap().current.id;
    // As a gateway leaves it that was killed as soon as it began.
    e.store().rotate_key(None).await.unwrap();
    let other = e.rotate_key(Some(KeySource::Environment)).await;
    assert!(matches!(other, Err(EngineError::Store(StoreError::Conflict(_)))));
    e.rotate_key(None).await.unwrap();
    for _ in 0..1000 {
        if e.store().keys().await.unwrap().rotation.is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let status = e.store().keys().await.unwrap();
    assert!(status.rotation.is_none() && status.current.id != before, "{status:?}");
    assert_eq!(e.store().named_secret("s299").await.unwrap().expose(), b"value 299");
}

#[tokio::test]
async fn a_copy_is_fetched_in_parts_and_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let e = engine(dir.path());
    let info = e.take_backup().await.unwrap();
    let (whole, rest) =
        (e.backup_part(info.id, 0, 1 << 20).await.unwrap(), e.backup_part(info.id, 100, 50).await.unwrap());
    assert_eq!(whole.len() as u64, info.bytes);
    assert!(whole.starts_with(b"SQLite format 3"));
    assert_eq!(rest, whole[100..150]);
    assert_eq!(hex::encode(digest::digest(&digest::SHA256, &whole)), info.sha256);
    let names = || std::fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    assert!(!names().any(|n| n.starts_with("draft-")), "it has no name");
    let next = e.take_backup().await.unwrap();
    assert!(e.backup_part(info.id, 0, 1).await.is_err(), "the earlier one is gone");
    e.drop_backup(next.id).unwrap();
    assert!(e.backup(next.id).is_err() && e.drop_backup(next.id).is_err());
}
