//! Counts of calls, what is known of connections' health, descriptors.

use connector_core::describe::{ActionOverride, Descriptors, FieldOverride};
use jackfield_store::{
    CallKey, CallTally, Filter, HealthChange, HealthRecord, HealthState, Outcome, SharedStore, StoreError,
};
use jiff::Timestamp;

use super::{Home, at, connection, event, later};

/// The start of an hour and of a UTC day.
fn day() -> Timestamp {
    "2026-09-21T00:00:00Z".parse().unwrap()
}

fn tally(id: &str, hours: i64, outcome: Outcome, kind: &str, count: u64) -> CallTally {
    let hour = later(day(), hours * 3600);
    let key = CallKey { connection: id.into(), action: "post".into(), hour, outcome, kind: kind.into() };
    CallTally { key, count, last_at: later(hour, 60) }
}

async fn two(home: &impl Home) -> SharedStore {
    let store = home.open().await;
    for id in ["a", "b"] {
        store.put_connection(connection(id, None), vec![]).await.unwrap();
    }
    store
}

pub async fn calls_are_counted_summed_and_forgotten(home: &impl Home) {
    use Outcome::{Failure, Halted, Success};
    let store = two(home).await;
    let first = vec![
        tally("a", 0, Success, "", 2),
        tally("a", 23, Failure, "auth", 1),
        tally("a", 24, Failure, "timeout", 4),
        tally("b", 24, Halted, "not_found", 3),
        tally("gone", 24, Success, "", 9),
    ];
    store.add_calls(first).await.unwrap();
    let more = CallTally { last_at: later(day(), 120), ..tally("a", 0, Success, "", 5) };
    store.add_calls(vec![more, tally("a", 0, Success, "", 1)]).await.unwrap();
    store.close().await.unwrap();

    let store = home.open().await;
    let calls = store.calls("a", day()).await.unwrap();
    assert_eq!(calls.len(), 3);
    assert_eq!((calls[0].count, calls[0].last_at), (8, later(day(), 120)), "the latest stays the last");
    assert_eq!(store.calls("a", later(day(), 1)).await.unwrap().len(), 2);
    assert!(store.calls("gone", day()).await.unwrap().is_empty(), "a connection that is not there has no counts");

    let days = store.call_days(None, day()).await.unwrap();
    let seen: Vec<(&str, i64, Outcome, u64)> = days
        .iter()
        .map(|d| (d.connection.as_str(), d.day.duration_since(day()).as_hours() / 24, d.outcome, d.count))
        .collect();
    let in_order = [("a", 0, Failure, 1), ("a", 0, Success, 8), ("a", 1, Failure, 4), ("b", 1, Halted, 3)];
    let mut sorted = seen.clone();
    sorted.sort_by_key(|d| (d.0, d.1, d.2 == Success));
    assert_eq!(sorted, in_order);
    let one = store.call_sums(Some("a".into()), later(day(), 23 * 3600)).await.unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!((one[0].outcome, one[0].count), (Failure, 5));
    let last = store.last_failures(None, day()).await.unwrap();
    assert_eq!(last.len(), 1);
    assert_eq!((last[0].key.connection.as_str(), last[0].key.kind.as_str()), ("a", "timeout"));

    assert!(!store.forget_calls(later(day(), 24 * 3600)).await.unwrap());
    assert_eq!(store.calls("a", day()).await.unwrap().len(), 1);
    store.delete_connection("a").await.unwrap();
    assert!(store.calls("a", day()).await.unwrap().is_empty(), "counts go with the connection");
    assert_eq!(store.calls("b", day()).await.unwrap().len(), 1);
}

fn record(state: HealthState) -> HealthRecord {
    HealthRecord {
        state,
        reason: Some("why".into()),
        since: at(5),
        check: None,
        disabled_because: None,
        enabled_at: Some(at(4)),
    }
}

pub async fn a_change_of_health_is_kept_with_its_event_or_not_at_all(home: &impl Home) {
    let store = two(home).await;
    assert_eq!(store.health("a").await.unwrap(), None);
    let told = event("connection.disabled");
    let change = HealthChange {
        connection: "a".into(),
        record: record(HealthState::Disabled),
        enable: Some((false, at(9))),
        events: vec![told.clone()],
    };
    store.change_health(change.clone()).await.unwrap();
    store.close().await.unwrap();

    let store = home.open().await;
    assert_eq!(store.health("a").await.unwrap(), Some(record(HealthState::Disabled)));
    assert_eq!(store.healths().await.unwrap(), [("a".to_owned(), record(HealthState::Disabled))]);
    let a = store.connection("a").await.unwrap();
    assert_eq!((a.enabled, a.updated_at, a.values), (false, at(9), connection("a", None).values));
    assert_eq!(store.undispatched(10).await.unwrap(), [told]);

    // The same event twice: nothing of the change stays.
    let again = HealthChange { record: record(HealthState::Healthy), enable: Some((true, at(10))), ..change };
    assert!(matches!(store.change_health(again.clone()).await, Err(StoreError::Exists(..))));
    assert_eq!(store.health("a").await.unwrap(), Some(record(HealthState::Disabled)));
    assert!(!store.connection("a").await.unwrap().enabled);
    let nobody = HealthChange { connection: "none".into(), events: vec![event("x")], ..again };
    assert!(matches!(store.change_health(nobody).await, Err(StoreError::NotFound(..))));
    assert_eq!(store.events(Filter::default()).await.unwrap().len(), 1);
}

pub async fn descriptors_are_kept_with_a_version_that_grows_with_changes(home: &impl Home) {
    let store = two(home).await;
    let d = |value: &str| Descriptors {
        fields: vec![FieldOverride::with_options("/channel", [(value.to_owned(), "A channel".to_owned())])],
        actions: vec![ActionOverride::hidden("x")],
    };
    assert_eq!(store.descriptors("a").await.unwrap(), None);
    assert_eq!(store.put_descriptors("a", d("C1"), at(1)).await.unwrap(), 1);
    assert_eq!(store.put_descriptors("a", d("C1"), at(2)).await.unwrap(), 1);
    store.close().await.unwrap();

    let store = home.open().await;
    let kept = store.descriptors("a").await.unwrap().unwrap();
    assert_eq!((kept.version, kept.described_at, kept.descriptors), (1, at(2), d("C1")));
    assert_eq!(store.put_descriptors("a", d("C2"), at(3)).await.unwrap(), 2);
    assert!(matches!(store.put_descriptors("none", d("C1"), at(1)).await, Err(StoreError::NotFound(..))));
    store.delete_connection("a").await.unwrap();
    assert_eq!(store.descriptors("a").await.unwrap(), None);
    store.put_connection(connection("a", None), vec![]).await.unwrap();
    assert_eq!(store.put_descriptors("a", d("C1"), at(4)).await.unwrap(), 1, "another connection");
}
