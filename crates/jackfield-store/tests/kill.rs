//! A gateway killed while it writes: what was acknowledged is there, and the database is whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod conformance;

use std::{
    collections::HashSet,
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use conformance::delivery;
use jackfield_store::{Filter, SqliteStore, Store as _};
use uuid::Uuid;

const CHILD: &str = "JACKFIELD_STORE_TEST_CHILD";

/// What the killed process does: keeps deliveries, and says of each that it was acknowledged.
async fn keep_for_ever(dir: &Path) {
    let store = Arc::new(SqliteStore::open(dir).unwrap());
    let mut tasks: tokio::task::JoinSet<()> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            async move {
                loop {
                    let mut new = delivery(None);
                    new.dedupe_key = Some(new.id.to_string());
                    new.body = vec![3; 2048].into();
                    let id = store.keep(new).await.unwrap().delivery;
                    println!("acknowledged {id}");
                }
            }
        })
        .collect();
    // None ends but by a failure.
    tasks.join_next().await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_it_loses_nothing_that_was_acknowledged() {
    if let Some(dir) = env::var_os(CHILD) {
        return keep_for_ever(Path::new(&dir)).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for kill_after in [1, 300, 900] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed_it_loses_nothing_that_was_acknowledged", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut seen = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            // A last line may be cut; then its id does not parse.
            let line = line.unwrap();
            let Some(id) = line.strip_prefix("acknowledged ").and_then(|id| Uuid::parse_str(id).ok()) else { continue };
            acknowledged.insert(id);
            seen += 1;
            if seen == kill_after {
                child.kill().unwrap();
            }
        }
        let status = child.wait().unwrap();
        assert!(seen >= kill_after && !status.success(), "it was killed while it wrote: {status}, {seen} seen");

        let store = SqliteStore::open(dir.path()).unwrap();
        for id in &acknowledged {
            let (kept, body) = store.delivery(*id).await.unwrap();
            assert_eq!((kept.events.len(), body.len()), (1, 2048));
            let mut again = delivery(Some(&id.to_string()));
            again.body = body;
            assert!(store.keep(again).await.unwrap().duplicate, "{id} is known");
        }
        assert!(!store.events(Filter { limit: 1, ..Filter::default() }).await.unwrap().is_empty());
        store.close().await.unwrap();
        let db = rusqlite::Connection::open(dir.path().join("jackfield.db")).unwrap();
        let integrity: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
        assert_eq!(integrity, "ok");
    }
}
