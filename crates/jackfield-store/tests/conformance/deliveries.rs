//! Deliveries, events, refusals.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use connector_core::{Event, event::Origin};
use jackfield_store::{Filter, RefusalKey, SharedStore, StoreError};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Home, at, delivery, event};

pub async fn a_delivery_is_kept_whole(home: &impl Home) {
    let store = home.open().await;
    let mut new = delivery(Some("k"));
    new.app = Some("shared".into());
    let mut second = event("issues.labeled");
    // What the delivery says counts.
    second.connection = Some("another".into());
    second.trigger = None;
    second.subject = None;
    second.occurred_at = Some("9000-01-01T00:00:00Z".parse().unwrap());
    new.events.push(second);
    let receipt = store.keep(new.clone()).await.unwrap();
    assert_eq!((receipt.delivery, receipt.trace_id, receipt.duplicate), (new.id, new.trace_id, false));

    let (kept, body) = store.delivery(new.id).await.unwrap();
    assert_eq!(body, new.body);
    assert_eq!(kept.headers, new.headers);
    assert_eq!((&kept.method, &kept.path, &kept.verified_by), (&new.method, &new.path, &new.verified_by));
    assert_eq!((&kept.app, &kept.connection, &kept.connector), (&new.app, &new.connection, &new.connector));
    assert_eq!((kept.trace_id, kept.received_at, kept.duplicates), (new.trace_id, new.received_at, 0));
    assert_eq!((kept.body_bytes, kept.dedupe_key.as_deref()), (new.body.len() as u64, Some("k")));
    let types: Vec<_> = new.events.iter().map(|e| (e.id, e.event_type.clone())).collect();
    assert_eq!(kept.events, types);

    assert_eq!(store.event(new.events[0].id).await.unwrap(), new.events[0]);
    let mut second = new.events[1].clone();
    second.connection.clone_from(&new.connection);
    second.trace_id = new.trace_id;
    assert_eq!(store.event(second.id).await.unwrap(), second);
    let waiting: Vec<_> = store.undispatched(10).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(waiting, [new.events[0].id, second.id]);
}

pub async fn keys_are_deduplicated_within_their_scope(home: &impl Home) {
    let store = home.open().await;
    let first = store.keep(delivery(Some("k"))).await.unwrap();
    for times in 1..=3 {
        let again = store.keep(delivery(Some("k"))).await.unwrap();
        assert!(again.duplicate);
        assert_eq!((again.delivery, again.trace_id), (first.delivery, first.trace_id), "the first one's");
        assert_eq!(store.delivery(first.delivery).await.unwrap().0.duplicates, times);
    }
    let mut others =
        [delivery(Some("k")), delivery(Some("k")), delivery(Some("k")), delivery(Some("k")), delivery(Some("K"))];
    others[0].connector = "gitlab".into();
    others[1].connection = Some("other".into());
    others[2].connection = None;
    others[3].connection = None;
    // An app's and a connection's scope are two, even of one name.
    others[3].app = Some("work".into());
    for other in others {
        assert!(!store.keep(other).await.unwrap().duplicate);
    }
    assert_eq!(store.events(Filter::default()).await.unwrap().len(), 6);

    // An app's key: where the delivery is routed does not matter.
    let shared = |app: &str, connection: Option<&str>| {
        let mut new = delivery(Some("k"));
        new.app = Some(app.into());
        new.connection = connection.map(Into::into);
        store.keep(new)
    };
    let first = shared("shared", Some("work")).await.unwrap();
    assert!(!first.duplicate, "not the one verified with the connection's own key");
    for connection in [Some("work"), Some("moved"), None] {
        let again = shared("shared", connection).await.unwrap();
        assert_eq!((again.duplicate, again.delivery), (true, first.delivery));
    }
    assert!(!shared("other", Some("work")).await.unwrap().duplicate);
}

pub async fn a_hundred_at_once_are_one(home: &impl Home) {
    let store = home.open().await;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.keep(delivery(Some("same"))).await.unwrap() })
        })
        .collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.unwrap());
    }
    let first = receipts.iter().find(|r| !r.duplicate).unwrap().clone();
    assert_eq!(receipts.iter().filter(|r| !r.duplicate).count(), 1);
    assert!(receipts.iter().all(|r| r.trace_id == first.trace_id && r.delivery == first.delivery));
    let events = store.events(Filter::default()).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].trace_id, first.trace_id);
    assert_eq!(store.delivery(first.delivery).await.unwrap().0.duplicates, 99);
}

pub async fn no_key_no_dedupe(home: &impl Home) {
    let store = home.open().await;
    for _ in 0..2 {
        assert!(!store.keep(delivery(None)).await.unwrap().duplicate);
    }
    assert_eq!(store.deliveries(Filter::default()).await.unwrap().len(), 2);
}

pub async fn an_id_is_kept_once(home: &impl Home) {
    let store = home.open().await;
    let new = delivery(None);
    store.keep(new.clone()).await.unwrap();
    assert!(matches!(store.keep(new.clone()).await, Err(StoreError::Exists("delivery", _))));
    let again = store.keep_event(new.events[0].clone()).await;
    assert!(matches!(again, Err(StoreError::Exists("event", _))));

    // An event of that id is there: nothing of the delivery stays, its dedupe key included.
    let mut half = delivery(Some("half"));
    half.events = new.events.clone();
    assert!(matches!(store.keep(half).await, Err(StoreError::Exists("event", _))));
    assert!(!store.keep(delivery(Some("half"))).await.unwrap().duplicate);
}

pub async fn lists_are_newest_first_and_narrowed(home: &impl Home) {
    let store = home.open().await;
    let mut all = Vec::new();
    for i in 0..6 {
        let mut new = delivery(None);
        new.connector = if i % 2 == 0 { "github".into() } else { "slack".into() };
        new.connection = (i != 5).then(|| format!("c{}", i % 3));
        new.events[0].event_type = format!("type{}", i % 2);
        store.keep(new.clone()).await.unwrap();
        all.push(new);
    }
    all.reverse();
    let ids = |keep: &dyn Fn(usize) -> bool| -> Vec<Uuid> {
        all.iter().enumerate().filter(|(i, _)| keep(5 - i)).map(|(_, d)| d.id).collect()
    };
    let any = Filter::default;
    for (filter, expected) in [
        (any(), ids(&|_| true)),
        (Filter { limit: 2, ..any() }, ids(&|i| i >= 4)),
        (Filter { connector: Some("github".into()), ..any() }, ids(&|i| i % 2 == 0)),
        (Filter { connection: Some("c1".into()), ..any() }, ids(&|i| i % 3 == 1)),
        (Filter { connector: Some("slack".into()), connection: Some("c0".into()), ..any() }, ids(&|i| i == 3)),
        (Filter { before: Some(all[2].id), limit: 2, ..any() }, ids(&|i| i == 2 || i == 1)),
        (Filter { trace_id: Some(all[4].trace_id), ..any() }, ids(&|i| i == 1)),
        (Filter { connection: Some("c9".into()), ..any() }, vec![]),
    ] {
        let found = store.deliveries(filter.clone()).await.unwrap();
        assert_eq!(found.iter().map(|d| d.id).collect::<Vec<_>>(), expected, "{filter:?}");
        assert!(found.iter().all(|d| d.headers.is_empty() && d.events.len() == 1));
        let events: Vec<_> = all.iter().filter(|d| expected.contains(&d.id)).map(|d| d.events[0].id).collect();
        let before = filter.before.map(|_| all[2].events[0].id);
        let found = store.events(Filter { before, ..filter.clone() }).await.unwrap();
        assert_eq!(found.iter().map(|e| e.id).collect::<Vec<_>>(), events, "{filter:?}");
    }
    let found = store.events(Filter { event_type: Some("type1".into()), ..any() }).await.unwrap();
    assert_eq!(found.len(), 3);
}

pub async fn a_large_body_comes_back(home: &impl Home) {
    let store = home.open().await;
    let mut new = delivery(None);
    let body: Vec<u8> = (0..25 * 1024 * 1024_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    new.body = Bytes::from(body);
    store.keep(new.clone()).await.unwrap();
    let (kept, body) = store.delivery(new.id).await.unwrap();
    assert!(body == new.body);
    assert_eq!(kept.body_bytes, 25 * 1024 * 1024);
}

/// Any sequence of deliveries makes the events that a map from (connector, scope, key) would.
pub async fn dedupe_agrees_with_a_model(home: &impl Home) {
    let store = home.open().await;
    let part = || prop::sample::select(vec!["", "a", "b", "a/b", "connection/a", "\u{0}", "ä"]);
    let step = (part(), prop::option::of(part()), prop::option::of(part()), prop::option::of(part()));
    let steps = prop::collection::vec(step, 1..60);
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let runtime = tokio::runtime::Handle::current();
    let agreed = runner.run(&steps, |steps| {
        tokio::task::block_in_place(|| runtime.block_on(follow_model(&store, steps)));
        Ok(())
    });
    if let Err(e) = agreed {
        panic!("{e}");
    }
}

type Step = (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

async fn follow_model(store: &SharedStore, steps: Vec<Step>) {
    // A world of its own for each case, in one store.
    let world = Uuid::now_v7();
    let before = store.counts().await.unwrap();
    let mut model = HashMap::new();
    let mut events = 0u64;
    for (connector, connection, app, key) in steps {
        let mut new = delivery(key);
        new.connector = format!("{world}{connector}");
        new.connection = connection.map(Into::into);
        new.app = app.map(Into::into);
        let receipt = store.keep(new.clone()).await.unwrap();
        let scope = match (app, connection) {
            (Some(a), _) => Some((false, a)),
            (None, Some(c)) => Some((true, c)),
            (None, None) => None,
        };
        let first = key.map(|key| *model.entry((connector, scope, key)).or_insert((new.id, new.trace_id)));
        let (id, trace_id) = first.unwrap_or((new.id, new.trace_id));
        assert_eq!((receipt.delivery, receipt.trace_id, receipt.duplicate), (id, trace_id, id != new.id), "{new:?}");
        events += u64::from(id == new.id);
    }
    let after = store.counts().await.unwrap();
    for (table, made) in
        [("deliveries", events), ("events", events), ("undispatched", events), ("dedupe_keys", model.len() as u64)]
    {
        assert_eq!(after[table] - before[table], made, "{table}");
    }
}

pub async fn everything_is_there_after_a_restart(home: &impl Home) {
    let store = home.open().await;
    let first = delivery(Some("k"));
    store.keep(first.clone()).await.unwrap();
    drop(store);
    let store = home.open().await;
    assert_eq!(store.delivery(first.id).await.unwrap().1, first.body);
    assert_eq!(store.undispatched(10).await.unwrap(), first.events);
    let again = store.keep(delivery(Some("k"))).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.trace_id, first.trace_id);
}

fn refusal(target: &str) -> RefusalKey {
    RefusalKey { connector: "github".into(), target: target.into(), status: 401, reason: "bad signature".into() }
}

pub async fn refusals_are_counted(home: &impl Home) {
    let store = home.open().await;
    let hour: jiff::Timestamp = "2026-09-21T10:00:00Z".parse().unwrap();
    let t = |seconds| super::later(hour, seconds);
    store
        .add_refusals(vec![(refusal("a"), 2, t(100)), (refusal("a"), 3, t(50)), (refusal("b"), 1, t(7200))])
        .await
        .unwrap();
    store.add_refusals(vec![(refusal("a"), 5, t(3599)), (refusal("a"), 1, t(3600))]).await.unwrap();
    let lines = store.refusals(10).await.unwrap();
    let seen: Vec<_> = lines.iter().map(|l| (l.key.target.as_str(), l.hour, l.count, l.first_at, l.last_at)).collect();
    assert_eq!(
        seen,
        [("b", t(7200), 1, t(7200), t(7200)), ("a", t(3600), 1, t(3600), t(3600)), ("a", hour, 10, t(50), t(3599)),]
    );
    assert_eq!(lines[0].key, refusal("b"));
    assert_eq!(store.refusals(1).await.unwrap().len(), 1);
}

pub async fn refusals_are_bounded(home: &impl Home) {
    let store = home.open().await;
    for half in [0, 1] {
        let counts = (0..1500).map(|i| (refusal(&format!("guess{half}-{i}")), 1, at(0))).collect();
        store.add_refusals(counts).await.unwrap();
    }
    store.add_refusals(vec![(refusal("guess0-7"), 1, at(1)), (refusal("later"), 1, at(7200))]).await.unwrap();
    assert_eq!(store.counts().await.unwrap()["refusals"], 1000 + 1 + 1);
    let lines = store.refusals(1000).await.unwrap();
    let count = |target: &str| lines.iter().filter(|l| l.key.target == target).map(|l| l.count).sum::<u64>();
    assert_eq!((count("(other)"), count("guess0-7"), count("later")), (2000, 2, 1));
}

pub async fn events_without_delivery_are_kept(home: &impl Home) {
    let store = home.open().await;
    let mut new = event("signal");
    new.origin = Origin::Host;
    new.connector = "host".into();
    new.connection = None;
    store.keep_event(new.clone()).await.unwrap();
    assert_eq!(store.event(new.id).await.unwrap(), new);
    assert_eq!(store.undispatched(1).await.unwrap(), [new]);
    assert!(store.undispatched(0).await.unwrap().is_empty());
}

pub async fn payloads_are_left_out_of_lists(home: &impl Home) {
    let store = home.open().await;
    let new = event("signal");
    store.keep_event(new.clone()).await.unwrap();
    assert!(!new.payload.is_null());
    let listed = Event { payload: Value::Null, ..new.clone() };
    assert_eq!(store.events(Filter::default()).await.unwrap(), [listed]);
    assert_eq!(store.event(new.id).await.unwrap(), new);
    assert_eq!(store.undispatched(1).await.unwrap(), [new]);
}

pub async fn a_batch_of_events_is_bounded(home: &impl Home) {
    let store = home.open().await;
    let mut waiting = Vec::new();
    for mib in [20, 7, 7, 7, 0] {
        let mut new = event("large");
        new.payload = json!("x".repeat(mib * 1024 * 1024));
        store.keep_event(new.clone()).await.unwrap();
        waiting.push(new);
    }
    let mut batches = Vec::new();
    let mut got = Vec::new();
    loop {
        let batch = store.undispatched(10).await.unwrap();
        if batch.is_empty() {
            break;
        }
        for event in &batch {
            store.dispatched(event.id, vec![], at(2)).await.unwrap();
        }
        batches.push(batch.len());
        got.extend(batch);
    }
    assert_eq!(batches, [1, 2, 2], "16 MiB at a time, but one at least");
    assert!(got == waiting, "all of them, in order and whole");
}

pub async fn a_payload_too_deep_to_be_read_back_is_refused(home: &impl Home) {
    let store = home.open().await;
    let nested = |levels: usize| {
        let payload = (0..levels).fold(json!(1), |inner, i| match i % 2 {
            0 => Value::Array(vec![inner]),
            _ => Value::Object([("x".to_owned(), inner)].into_iter().collect()),
        });
        Event { payload, ..event("signal") }
    };
    let deep = nested(100);
    store.keep_event(deep.clone()).await.unwrap();
    assert_eq!(store.event(deep.id).await.unwrap(), deep);
    for levels in [101, 1000] {
        let refused = store.keep_event(nested(levels)).await;
        assert!(matches!(&refused, Err(StoreError::Invalid(text)) if text.contains("deeper than 100")), "{refused:?}");
    }
    assert_eq!(store.counts().await.unwrap()["events"], 1);
}
