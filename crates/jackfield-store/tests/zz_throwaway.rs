#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use bytes::Bytes;
use connector_core::{Event, TraceId, event::Origin};
use jackfield_store::*;
use jiff::Timestamp;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;
fn delivery(size: usize) -> NewDelivery {
    let now = Timestamp::now();
    let t = TraceId::new(now);
    let id = Uuid::now_v7();
    NewDelivery {
        id,
        trace_id: t,
        connector: "github".into(),
        app: None,
        connection: Some("work".into()),
        method: "POST".into(),
        path: "/webhooks/github/work".into(),
        headers: vec![("x-github-event".into(), "issues".into()), ("user-agent".into(), "GitHub-Hookshot/abc".into())],
        body: Bytes::from(vec![b'x'; size]),
        verified_by: "hmac".into(),
        dedupe_key: Some(id.to_string()),
        received_at: now,
        events: vec![Event {
            id: Uuid::now_v7(),
            origin: Origin::Trigger,
            connector: "github".into(),
            connection: Some("work".into()),
            event_type: "issues.opened".into(),
            trigger: None,
            occurred_at: None,
            received_at: now,
            subject: Some("a/b#1".into()),
            payload: json!({"p": "x".repeat(size)}),
            trace_id: t,
        }],
    }
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load() {
    let base = std::env::var("D").unwrap();
    for (c, secs) in [(1usize, 5u64), (16, 5), (64, 10), (256, 5), (64, 10)] {
        let dir = tempfile::tempdir_in(&base).unwrap();
        let store = Arc::new(SqliteStore::open(dir.path()).unwrap());
        let end = Instant::now() + Duration::from_secs(secs);
        let tasks: Vec<_> = (0..c)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut lat = vec![];
                    while Instant::now() < end {
                        let d = delivery(2048);
                        let t = Instant::now();
                        store.keep(d).await.unwrap();
                        lat.push(t.elapsed());
                    }
                    lat
                })
            })
            .collect();
        let mut all = vec![];
        for t in tasks {
            all.extend(t.await.unwrap());
        }
        all.sort();
        let n = all.len();
        let wal = std::fs::metadata(dir.path().join("jackfield.db-wal")).unwrap().len();
        let rss = std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .find(|l| l.starts_with("VmHWM"))
            .unwrap()
            .to_owned();
        println!(
            "c={c} {}/s p50={:?} p99={:?} p99.9={:?} max={:?} wal={}MiB {rss}",
            n as u64 / secs,
            all[n / 2],
            all[n * 99 / 100],
            all[n * 999 / 1000],
            all[n - 1],
            wal >> 20
        );
    }
}
#[tokio::test]
async fn full() {
    let base = std::env::var("T").unwrap();
    let store = SqliteStore::open(std::path::Path::new(&base)).unwrap();
    let mut n = 0;
    let e = loop {
        match store.keep(delivery(4096)).await {
            Ok(_) => n += 1,
            Err(e) => break e,
        }
    };
    println!("{n} kept, then {e}; counts {:?}", store.counts().await.unwrap());
    for _ in 0..3 {
        println!("{:?}", store.ready().await);
    }
    std::fs::remove_file(format!("{base}/ballast")).unwrap();
    println!("freed: {:?}", store.ready().await);
    let mut m = 0;
    let e = loop {
        match store.keep(delivery(4096)).await {
            Ok(_) => m += 1,
            Err(e) => break e,
        }
    };
    println!("{m} more kept, then {e}; {:?}", store.counts().await.unwrap());
    println!("close {:?}", store.close().await);
    drop(store);
    let store = SqliteStore::open(std::path::Path::new(&base));
    println!("reopen {:?}", store.as_ref().err());
    if let Ok(s) = store {
        println!("{:?}", s.counts().await.unwrap());
    }
}
