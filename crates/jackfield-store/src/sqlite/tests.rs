//! What only shows from inside: groups, poison, pruning.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    SqliteStore, claim, events,
    fail::{Done, Fail, nanos},
    health::Health,
    prune,
    writer::Writer,
};
use crate::{Store as _, StoreError};

fn connect(dir: &tempfile::TempDir) -> Connection {
    let db = Connection::open(dir.path().join("db")).unwrap();
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
    db
}

fn start(dir: &tempfile::TempDir) -> (Writer, Arc<Health>) {
    let (db, checkpoints) = (connect(dir), connect(dir));
    db.execute_batch("CREATE TABLE IF NOT EXISTS t (x INTEGER PRIMARY KEY) STRICT").unwrap();
    let health = Arc::<Health>::default();
    (Writer::start(db, checkpoints, Arc::clone(&health), None).unwrap(), health)
}

fn insert(db: &Connection, x: i64) -> Done<i64> {
    db.execute("INSERT INTO t VALUES (?1)", [x])?;
    Ok(x)
}

fn rows(dir: &tempfile::TempDir) -> Vec<i64> {
    let db = connect(dir);
    let mut statement = db.prepare("SELECT x FROM t ORDER BY x").unwrap();
    statement.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Holds the writer until it is let go, so that what is asked for meanwhile makes one group. It is held already when this
/// returns: else what is asked for next could come into the group of the holding job itself.
async fn hold(writer: &Arc<Writer>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let writer = Arc::clone(writer);
    let held = tokio::spawn(async move {
        writer
            .run(move |_| {
                let _ = begun.send(());
                let _ = wait.recv();
                Ok(())
            })
            .await
            .unwrap();
    });
    has_begun.await.unwrap();
    (go, held)
}

#[tokio::test]
async fn one_that_fails_does_not_undo_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = start(&dir);
    let writer = Arc::new(writer);
    let (go, held) = hold(&writer).await;
    let ask = |work: fn(&Connection) -> Done<i64>| {
        let writer = Arc::clone(&writer);
        tokio::spawn(async move { writer.run(work).await })
    };
    let asked = [
        ask(|db| insert(db, 1)),
        ask(|db| insert(db, 2).and(insert(db, 1))),
        ask(|db| insert(db, 3).and(Err(StoreError::InUse("app", "a".into(), "b".into()).into()))),
        ask(|db| insert(db, 4).map(|_| panic!("in the middle of it"))),
        ask(|db| insert(db, 5)),
        // What an earlier one of the group did is seen, what a failed one did is not.
        ask(|db| Ok(db.query_row("SELECT count(*) FROM t", [], |r| r.get(0))?)),
    ];
    // All of them have asked once each has run until it waits.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(rows(&dir), Vec::<i64>::new());
    go.send(()).unwrap();
    held.await.unwrap();
    let mut outcomes = Vec::new();
    for task in asked {
        outcomes.push(task.await.unwrap());
    }
    assert!(matches!(outcomes[0], Ok(1)));
    assert!(matches!(outcomes[1], Err(StoreError::Other(_))), "{:?}", outcomes[1]);
    assert!(matches!(outcomes[2], Err(StoreError::InUse(..))));
    assert!(matches!(&outcomes[3], Err(StoreError::Other(text)) if text.contains("panicked")));
    assert!(matches!(outcomes[4], Ok(5)));
    assert!(matches!(outcomes[5], Ok(2)));
    assert_eq!(rows(&dir), [1, 5]);
}

#[tokio::test]
async fn if_the_commit_fails_all_of_the_group_fail() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = start(&dir);
    let writer = Arc::new(writer);
    writer
        .run(|db| {
            // A deferred foreign key is only checked by COMMIT.
            db.execute_batch("CREATE TABLE u (x INTEGER REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED) STRICT")?;
            Ok(())
        })
        .await
        .unwrap();
    let (go, held) = hold(&writer).await;
    let ask = |work: fn(&Connection) -> Done<i64>| {
        let writer = Arc::clone(&writer);
        tokio::spawn(async move { writer.run(work).await })
    };
    let good = ask(|db| insert(db, 1));
    let bad = ask(|db| {
        db.execute("INSERT INTO u VALUES (77)", [])?;
        Ok(0)
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    go.send(()).unwrap();
    held.await.unwrap();
    assert!(good.await.unwrap().is_err() && bad.await.unwrap().is_err());
    assert_eq!(rows(&dir), Vec::<i64>::new());
    assert_eq!(writer.run(|db| insert(db, 2)).await.unwrap(), 2, "the next group is well");
}

#[tokio::test]
async fn after_a_lost_sync_nothing_is_written_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, health) = start(&dir);
    writer.run(|db| insert(db, 1)).await.unwrap();
    let lost = writer
        .run(|db| -> Done<()> {
            insert(db, 2)?;
            let code = rusqlite::ffi::SQLITE_IOERR_FSYNC;
            Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None).into())
        })
        .await;
    assert!(matches!(&lost, Err(StoreError::SyncLost)), "{lost:?}");
    let after = writer.run(|db| insert(db, 3)).await;
    assert!(matches!(&after, Err(StoreError::SyncLost)), "{after:?}");
    assert!(health.check().is_err());
    assert_eq!(rows(&dir), [1]);
}

#[tokio::test]
async fn after_a_lost_sync_the_whole_store_asks_for_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    store.put_setting("kept", json!(1)).await.unwrap();
    store.put_setting("s", json!(1)).await.unwrap();
    let code = rusqlite::ffi::SQLITE_IOERR_FSYNC;
    let lost = store.write(move |_| -> Done<()> {
        Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None).into())
    });
    assert!(matches!(lost.await, Err(StoreError::SyncLost)));
    for refused in [
        store.setting("s").await.map(drop),
        store.put_setting("s", json!(2)).await,
        store.undispatched(1).await.map(drop),
        store.claim_runs(1, 1, &BTreeMap::new(), Timestamp::now()).await.map(drop),
        store.interrupted_runs().await.map(drop),
        store.ready().await,
    ] {
        assert!(matches!(&refused, Err(e @ StoreError::SyncLost) if e.to_string().contains("restart")), "{refused:?}");
    }
    store.close().await.unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.setting("kept").await.unwrap(), Some(json!(1)), "a new process recovers");
    assert_eq!(store.setting("s").await.unwrap(), Some(json!(1)));
    store.ready().await.unwrap();
}

/// What is asked for at every turn of the engine: each walks an index in its order, whatever else there is.
#[test]
fn the_queues_are_served_by_indexes() {
    let mut db = Connection::open_in_memory().unwrap();
    crate::schema::migrate(&mut db).unwrap();
    for (sql, expected) in [
        (claim::NEXT_DUE, "SEARCH runs USING COVERING INDEX runs_due"),
        (claim::NEXT_CONNECTION, "SEARCH runs USING COVERING INDEX runs_ready (connection>?)"),
        (claim::DUE, "SEARCH runs USING COVERING INDEX runs_ready (connection=? AND due_at<?)"),
        (claim::STRANDED, "SEARCH runs USING COVERING INDEX runs_ready (connection=? AND due_at>?)"),
        (claim::ANY_STRANDED, "SEARCH runs USING COVERING INDEX runs_due (due_at>?)"),
        (claim::INTERRUPTED, "SEARCH runs USING INDEX runs_state (state=?)"),
        (events::QUEUE, "SCAN undispatched\nSEARCH events USING INDEX sqlite_autoindex_events_1 (id=?)"),
    ] {
        let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        for i in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(i, rusqlite::types::Null).unwrap();
        }
        let mut rows = plan.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get::<_, String>(3).unwrap());
        }
        assert_eq!(steps.join("\n"), expected, "{sql}");
    }
}

#[test]
fn failures_are_told_apart() {
    use rusqlite::ffi;
    for (code, unwritable, sync_lost) in [
        (ffi::SQLITE_FULL, true, false),
        (ffi::SQLITE_READONLY_DBMOVED, true, false),
        (ffi::SQLITE_IOERR_WRITE, true, false),
        (ffi::SQLITE_IOERR_FSYNC, true, true),
        (ffi::SQLITE_IOERR_DIR_FSYNC, true, true),
        (ffi::SQLITE_BUSY, false, false),
        (ffi::SQLITE_CONSTRAINT_UNIQUE, false, false),
    ] {
        let fail = Fail::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        assert_eq!(matches!(fail.error, StoreError::Unwritable(_)), unwritable, "{code}");
        assert_eq!(fail.sync_lost, sync_lost, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_an_answer_for_who_waits_outside() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = start(&dir);
    let writer = Arc::new(writer);
    let (go, held) = hold(&writer).await;
    let mut waiting = Vec::new();
    for x in 0..2000 {
        let writer = Arc::clone(&writer);
        waiting.push(tokio::spawn(async move { writer.run(move |db| insert(db, x)).await }));
    }
    // Each turn lets some of them ask.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    let began = tokio::time::Instant::now();
    let refused = writer.run_or_refuse(1, |db| insert(db, -1)).await;
    assert!(matches!(&refused, Err(StoreError::Unwritable(text)) if text.contains("busy")), "{refused:?}");
    assert_eq!(began.elapsed().as_secs(), 2);
    go.send(()).unwrap();
    held.await.unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert_eq!(rows(&dir).len(), 2000, "those of the inside waited, and none is lost");
    writer.run_or_refuse(usize::MAX, |db| insert(db, -1)).await.unwrap();
}

#[test]
fn what_served_its_time_is_forgotten_in_chunks() {
    let mut db = Connection::open_in_memory().unwrap();
    crate::schema::migrate(&mut db).unwrap();
    let now: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    let days_ago = |days: i64| nanos(now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap());
    let key = |i: i64, days| {
        db.execute("INSERT INTO dedupe_keys VALUES ('c', '', ?1, x'00', '', ?2)", (i.to_string(), days_ago(days)))
            .unwrap();
    };
    (0..1500).for_each(|i| key(i, 9));
    key(1500, 7);
    key(1501, 0);
    for (hour, days) in [(1, 91), (2, 89)] {
        db.execute("INSERT INTO refusals VALUES (?1, 'c', 't', 401, ?2, 1, 0, 0)", (days_ago(days), hour.to_string()))
            .unwrap();
    }
    db.execute("INSERT INTO deliveries VALUES (1, zeroblob(16), '', 'c', NULL, NULL, '', x'', 0, '', '0', 0, 0)", [])
        .unwrap();
    let count =
        |table: &str| -> i64 { db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap() };
    assert!(prune::prune(&db, now).unwrap());
    assert_eq!(count("dedupe_keys"), 502);
    assert!(!prune::prune(&db, now).unwrap());
    assert_eq!((count("dedupe_keys"), count("refusals"), count("deliveries")), (2, 1, 1));
}
