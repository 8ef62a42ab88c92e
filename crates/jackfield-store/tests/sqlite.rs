//! The SQLite store: the laws of every store, and what is its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod conformance;

use std::{fs, path::Path, sync::Arc};

use conformance::{Home, app, at, connection, delivery, dispatch};
use jackfield_store::{AttemptEnd, Filter, Owner, RunState, SharedStore, SqliteStore, Store as _, StoreError};
use serde_json::json;

struct Directory(tempfile::TempDir);

impl Home for Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> SharedStore {
        Arc::new(SqliteStore::open(self.0.path()).unwrap())
    }
}

conformance::suite!(Directory);

fn refused(dir: &Path) -> StoreError {
    SqliteStore::open(dir).err().expect("it must be refused")
}

#[tokio::test]
async fn a_second_gateway_is_refused_until_the_first_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert!(matches!(refused(dir.path()), StoreError::Locked));
    store.close().await.unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert!(matches!(refused(dir.path()), StoreError::Locked));
    drop(store);
    SqliteStore::open(dir.path()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("state/of/it");
    let store = SqliteStore::open(&dir).unwrap();
    store.keep(delivery(None)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&dir).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["jackfield.db", "jackfield.db-shm", "jackfield.db-wal", "key", "lock"]);
    store.close().await.unwrap();

    fs::set_permissions(dir.join("jackfield.db"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(dir.join("key"), fs::Permissions::from_mode(0o644)).unwrap();
    let text = refused(&dir).to_string();
    assert!(text.contains("chmod 600"), "{text}");
    fs::set_permissions(dir.join("key"), fs::Permissions::from_mode(0o600)).unwrap();
    drop(SqliteStore::open(&dir).unwrap());
    assert_eq!(mode(&dir.join("jackfield.db")), 0o600);
}

#[tokio::test]
async fn only_its_own_key_opens_a_database() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for d in [&dir, &other] {
        SqliteStore::open(d.path()).unwrap().put_app(app("a"), vec![("s".into(), "x".into())]).await.unwrap();
    }
    let key = fs::read(dir.path().join("key")).unwrap();
    fs::copy(other.path().join("key"), dir.path().join("key")).unwrap();
    assert!(matches!(refused(dir.path()), StoreError::WrongKey));

    fs::remove_file(dir.path().join("key")).unwrap();
    assert!(matches!(refused(dir.path()), StoreError::WrongKey));
    assert!(!dir.path().join("key").exists(), "no new key stands in the way of the right one");

    fs::write(dir.path().join("key"), key).unwrap();
    #[cfg(unix)]
    fs::set_permissions(dir.path().join("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.secrets(&Owner::App("a".into()), "s").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_newer_database_is_refused_and_untouched() {
    let dir = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(dir.path()).unwrap());
    let path = dir.path().join("jackfield.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let error = refused(dir.path());
    assert!(matches!(error, StoreError::Newer { found: 99, known: 1 }), "{error}");
    assert!(fs::read(&path).unwrap() == before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("jackfield.db"), [b'x'; 10_000]).unwrap();
    let text = refused(dir.path()).to_string();
    assert!(text.contains("damaged"), "{text}");
}

const CANARY: &str = "canary-7f3a91c0";

/// Everything that is to be sealed, written with a canary in it.
async fn write_canaries(store: &SharedStore) {
    store.put_app(app("a"), vec![("s".into(), CANARY.into())]).await.unwrap();
    store.put_connection(connection("c", Some("a")), vec![("s".into(), CANARY.into())]).await.unwrap();
    store.set_secret(&Owner::Connection("c".into()), "s", format!("new {CANARY}").into(), true).await.unwrap();
    let mut new = delivery(Some("k"));
    new.path = format!("/webhooks/x?token={CANARY}");
    new.headers.push(("authorization".into(), CANARY.into()));
    new.body = CANARY.repeat(1000).into();
    new.events[0].payload = json!({ "token": CANARY });
    store.keep(new).await.unwrap();
    let (_, runs) = dispatch(store, &["f"]).await;
    store.claim_runs(1, at(10)).await.unwrap();
    let end = AttemptEnd {
        state: RunState::Failed,
        due_at: None,
        output: Some(json!({ "out": CANARY })),
        error: Some(json!({ "message": CANARY })),
        operator_text: Some(CANARY.into()),
        at: at(11),
    };
    store.end_attempt(runs[0].id, end).await.unwrap();
}

#[tokio::test]
async fn what_is_sealed_is_nowhere_in_the_files() {
    let home = Directory::new();
    let store = home.open().await;
    write_canaries(&store).await;
    let scan = || {
        let mut bytes = 0;
        for entry in fs::read_dir(home.0.path()).unwrap() {
            let path = entry.unwrap().path();
            let content = fs::read(&path).unwrap();
            bytes += content.len();
            let found = content.windows(CANARY.len()).any(|w| w == CANARY.as_bytes());
            assert!(!found, "found in {}", path.display());
        }
        bytes
    };
    // In the log first, in the database after.
    assert!(scan() > 20_000);
    store.close().await.unwrap();
    assert!(scan() > 20_000);
    let store = home.open().await;
    let sealed = store.secrets(&Owner::Connection("c".into()), "s").await.unwrap();
    assert_eq!(conformance::clear(&sealed), [&format!("new {CANARY}"), CANARY]);
}

#[tokio::test]
async fn a_full_disk_is_told_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    store.put_app(app("a"), vec![]).await.unwrap();
    store.limit_growth(Some(40)).await.unwrap();
    let mut kept = Vec::new();
    let error = loop {
        let new = delivery(None);
        let id = new.id;
        match store.keep(new).await {
            Ok(_) => kept.push(id),
            Err(e) => break e,
        }
        assert!(kept.len() < 10_000);
    };
    assert!(matches!(error, StoreError::Unwritable(_)), "{error}");
    assert!(!kept.is_empty());
    assert_eq!(store.app("a").await.unwrap(), app("a"), "reading goes on");
    let mut large = delivery(Some("large"));
    large.body = vec![1; 1_000_000].into();
    assert!(matches!(store.keep(large.clone()).await, Err(StoreError::Unwritable(_))));

    store.limit_growth(None).await.unwrap();
    assert!(!store.keep(large).await.unwrap().duplicate, "the failed one left nothing, its dedupe key included");
    store.ready().await.unwrap();
    drop(store);
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.deliveries(Filter { limit: 1000, ..Filter::default() }).await.unwrap().len(), kept.len() + 1);
    for id in kept {
        store.delivery(id).await.unwrap();
    }
}

#[tokio::test]
async fn the_log_does_not_grow_with_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    for _ in 0..60 {
        let mut new = delivery(None);
        new.body = vec![7; 2 * 1024 * 1024].into();
        store.keep(new).await.unwrap();
    }
    let log = dir.path().join("jackfield.db-wal");
    let size = fs::metadata(&log).unwrap().len();
    assert!(size < 32 * 1024 * 1024, "{size} bytes of log for 120 MiB");
    store.close().await.unwrap();
    assert!(fs::metadata(&log).map_or(0, |m| m.len()) == 0, "closing empties it");
}
