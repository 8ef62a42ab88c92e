//! The SQLite store: the laws of every store, and what is its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod conformance;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use conformance::{Home, app, at, connection, delivery, dispatch};
use connector_core::describe::{ActionOverride, Descriptors};
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
    assert!(matches!(refused(dir.path()), StoreError::WrongKey(_)));

    fs::remove_file(dir.path().join("key")).unwrap();
    assert!(matches!(refused(dir.path()), StoreError::WrongKey(_)));
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
    let db = rusqlite::Connection::open(&path).unwrap();
    let ours: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0)).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let error = refused(dir.path());
    assert!(matches!(error, StoreError::Newer { found: 99, known } if known == ours), "{error}");
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
    store.claim_runs(1, 1, &BTreeMap::new(), at(10)).await.unwrap();
    let end = AttemptEnd {
        state: RunState::Failed,
        due_at: None,
        output: Some(json!({ "out": CANARY })),
        error: Some(json!({ "message": CANARY })),
        operator_text: Some(CANARY.into()),
        at: at(11),
        counts: true,
    };
    store.end_attempt(runs[0].id, end).await.unwrap();
    let learned = Descriptors { actions: vec![ActionOverride::hidden(CANARY)], ..Descriptors::default() };
    store.put_descriptors("c", learned, at(12)).await.unwrap();
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

/// Another hand at the database's file.
fn tamper(home: &Directory) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(home.0.path().join("jackfield.db")).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    db
}

#[tokio::test]
async fn a_backlog_of_one_connection_does_not_hold_the_others_up() {
    let home = Directory::new();
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f"]).await;
    tamper(&home)
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
             INSERT INTO runs (id, flow, event, trace_id, connection, action, state, due_at, created_at)
             SELECT randomblob(16), flow, event, trace_id, 'backlog', action, 'queued', i, created_at FROM runs, n;",
        )
        .unwrap();
    let claimed = store.claim_runs(50, 8, &BTreeMap::new(), at(99)).await.unwrap();
    assert_eq!(claimed.len(), 9);
    assert!(claimed[..2].iter().any(|run| run.id == runs[0].id), "the other one's turn comes at once");
    assert!(claimed.iter().filter(|r| r.connection == "backlog").is_sorted_by_key(|r| r.due_at));
    let busy = BTreeMap::from([("backlog".to_owned(), 8)]);
    assert!(store.claim_runs(50, 8, &busy, at(99)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_event_stops_no_other() {
    let home = Directory::new();
    let store = home.open().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let new = delivery(None);
        ids.push(new.events[0].id);
        store.keep(new).await.unwrap();
    }
    let db = tamper(&home);
    db.execute("UPDATE events SET sealed_payload = zeroblob(60) WHERE id = ?1", [ids[0].as_bytes()]).unwrap();
    db.execute("UPDATE events SET trace_id = 'none' WHERE id = ?1", [ids[1].as_bytes()]).unwrap();
    // A payload of another event opens nowhere else.
    let swap = "UPDATE events SET sealed_payload = (SELECT sealed_payload FROM events WHERE id = ?2) WHERE id = ?1";
    db.execute(swap, [ids[3].as_bytes(), ids[4].as_bytes()]).unwrap();

    // With a limit that the damaged ones alone would fill.
    let found: Vec<_> = store.undispatched(2).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(found, [ids[2]]);
    let found: Vec<_> = store.undispatched(10).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(found, [ids[2], ids[4]]);
    assert_eq!(store.counts().await.unwrap()["undispatched"], 2, "the damaged ones do not come again");

    let listed: Vec<_> = store.events(Filter::default()).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(listed, [ids[4], ids[3], ids[2], ids[0]], "a payload is not looked at; what has no trace is left out");
    for id in [ids[0], ids[1], ids[3]] {
        assert!(matches!(store.event(id).await, Err(StoreError::Other(_))));
    }
}

#[tokio::test]
async fn a_damaged_run_fails_and_stops_no_other() {
    let home = Directory::new();
    let store = home.open().await;
    let (_, runs) = dispatch(&store, &["f", "g", "h", "i"]).await;
    let claim = async |limit| -> Vec<_> {
        let claimed = store.claim_runs(limit, 10, &BTreeMap::new(), at(20)).await.unwrap();
        claimed.iter().map(|r| r.id).collect()
    };
    let db = tamper(&home);
    db.execute("UPDATE runs SET sealed_error = x'0102' WHERE id = ?1", [runs[0].id.as_bytes()]).unwrap();
    db.execute("UPDATE runs SET attempts = -1 WHERE id = ?1", [runs[1].id.as_bytes()]).unwrap();
    assert_eq!(
        store.runs(Filter::default()).await.unwrap().len(),
        3,
        "shown without its error; without a count it is not"
    );
    assert_eq!(claim(1).await, [runs[2].id], "what is behind the damaged ones is claimed at once");
    let (failed, attempts) = store.run(runs[0].id).await.unwrap();
    assert_eq!((failed.state, failed.finished_at, attempts.len()), (RunState::Failed, Some(at(20)), 0));
    let reason = failed.error.unwrap()["message"].as_str().unwrap().to_owned();
    assert!(reason.contains("damaged"), "{reason}");
    let state: String =
        db.query_row("SELECT state FROM runs WHERE id = ?1", [runs[1].id.as_bytes()], |r| r.get(0)).unwrap();
    assert_eq!(state, "failed");

    // A count that went back would make an attempt's number anew.
    db.execute("INSERT INTO attempts (run, number, started_at) VALUES (?1, 1, 0)", [runs[3].id.as_bytes()]).unwrap();
    assert!(claim(1).await.is_empty());
    assert_eq!(store.run(runs[3].id).await.unwrap().0.state, RunState::Failed);

    let (_, others) = dispatch(&store, &["f", "g"]).await;
    assert_eq!(claim(2).await, [others[0].id, others[1].id]);
    store.close().await.unwrap();
    let store = home.open().await;
    db.execute("UPDATE runs SET trace_id = '' WHERE id = ?1", [others[0].id.as_bytes()]).unwrap();
    let interrupted: Vec<_> = store.interrupted_runs().await.unwrap().iter().map(|r| r.id).collect();
    assert_eq!(interrupted, [runs[2].id, others[1].id]);
    let failed: i64 = db.query_row("SELECT count(*) FROM runs WHERE state = 'failed'", [], |r| r.get(0)).unwrap();
    assert_eq!(failed, 4);
}

#[tokio::test]
async fn lists_show_what_they_can() {
    let home = Directory::new();
    let store = home.open().await;
    write_canaries(&store).await;
    store.put_connection(connection("d", None), vec![]).await.unwrap();
    store.put_app(app("b"), vec![]).await.unwrap();
    let db = tamper(&home);
    db.execute_batch(
        "UPDATE runs SET sealed_error = x'00', sealed_output = x'01';
         UPDATE attempts SET sealed_error = x'00', sealed_operator_text = x'01';
         UPDATE deliveries SET sealed_path = zeroblob(40) WHERE dedupe_key = 'k';
         UPDATE connections SET identity = '{' WHERE id = 'd';
         UPDATE apps SET app_values = '[]' WHERE id = 'b';
         UPDATE secrets SET sealed_value = x'00' WHERE slot = 1 OR owner_kind = 'app';",
    )
    .unwrap();
    let run = &store.runs(Filter::default()).await.unwrap()[0];
    assert_eq!((run.state, &run.error), (RunState::Failed, &None));
    let (run, attempts) = store.run(run.id).await.unwrap();
    assert_eq!((&run.error, &run.output), (&None, &None));
    assert_eq!((attempts.len(), &attempts[0].error, &attempts[0].operator_text), (1, &None, &None));

    let deliveries = store.deliveries(Filter::default()).await.unwrap();
    let paths: Vec<_> = deliveries.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["/webhooks/github/work?token=redacted", "(unreadable)"]);
    assert_eq!(store.connections().await.unwrap(), [connection("c", Some("a"))]);
    assert_eq!(store.apps().await.unwrap(), [app("a")]);
    assert!(store.connection("d").await.is_err() && store.app("b").await.is_err(), "asked for alone it is an error");

    let owner = Owner::Connection("c".into());
    let current = store.secrets(&owner, "s").await.unwrap();
    assert_eq!(conformance::clear(&current), [&format!("new {CANARY}")], "the one before is lost, the current one not");
    let owner = Owner::App("a".into());
    assert!(store.secrets(&owner, "s").await.is_err());
    store.put_app(app("a"), vec![("s".into(), "mended".into())]).await.unwrap();
    assert_eq!(conformance::clear(&store.secrets(&owner, "s").await.unwrap()), ["mended"]);
}
