//! What every [`Store`] must do, whatever it keeps things in. Nobody opts in: [`suite!`] makes a test of every law.
//!
//! [`Store`]: jackfield_store::Store

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    unused_imports,
    unused_macros,
    unreachable_pub,
    reason = "shared by several test programs, none of which needs all of it"
)]

pub mod config;
pub mod deliveries;
pub mod runs;
pub mod setup;
pub mod signals;
pub mod vitals;

use bytes::Bytes;
use connector_core::{Event, Secret, TraceId, event::Origin};
use jackfield_store::{App, Connection, NewDelivery, NewRun, SharedStore};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

/// One empty place to keep things. Opened a second time, after the first one was closed or dropped, it is the gateway's
/// next start.
pub trait Home {
    fn new() -> Self;
    async fn open(&self) -> SharedStore;
}

/// Makes a test of every law for a [`Home`].
macro_rules! suite {
    ($home:ident) => {
        $crate::conformance::suite!($home, config: [
            an_app_is_made_replaced_and_removed, an_app_in_use_stays, a_connection_is_made_replaced_and_removed,
            a_flow_is_made_replaced_and_removed, what_is_not_there_is_named, secrets_rotate, a_rotation_asked_twice_is_one,
            secrets_belong_to_their_owner, settings_and_counts, after_close_calls_fail,
            the_same_secrets_put_again_keep_a_rotation, a_secret_is_set_once_if_absent, a_secret_is_removed,
            what_was_learned_of_an_older_connection_is_dropped, a_flow_is_switched_and_nothing_else,
        ]);
        $crate::conformance::suite!($home, deliveries: [
            a_delivery_is_kept_whole, keys_are_deduplicated_within_their_scope, a_hundred_at_once_are_one,
            no_key_no_dedupe, an_id_is_kept_once, lists_are_newest_first_and_narrowed, a_large_body_comes_back,
            dedupe_agrees_with_a_model, everything_is_there_after_a_restart, refusals_are_counted, refusals_are_bounded,
            events_without_delivery_are_kept, payloads_are_left_out_of_lists, a_batch_of_events_is_bounded,
            a_payload_too_deep_to_be_read_back_is_refused,
        ]);
        $crate::conformance::suite!($home, signals: [
            signals_are_counted_and_survive, an_endpoint_keeps_what_it_said_last,
        ]);
        $crate::conformance::suite!($home, vitals: [
            calls_are_counted_summed_and_forgotten, a_change_of_health_is_kept_with_its_event_or_not_at_all,
            descriptors_are_kept_with_a_version_that_grows_with_changes,
        ]);
        $crate::conformance::suite!($home, setup: [
            an_installation_is_kept_with_its_secrets, of_two_who_write_an_installation_one_does,
            hooks_go_with_their_connection,
        ]);
        $crate::conformance::suite!($home, runs: [
            dispatch_makes_runs_once, redispatch_makes_it_wait_again, a_failing_dispatch_changes_nothing,
            runs_are_claimed_when_due_in_order, a_run_is_retried_and_succeeds, an_attempt_that_does_not_count_is_taken_back,
            only_an_attempt_under_way_ends,
            claimed_once_by_many, interrupted_runs_are_those_of_the_boot_before, runs_are_listed_by_what_is_asked,
            no_connection_gets_more_than_its_share, connections_take_turns, runs_stranded_by_a_clock_set_back_are_due,
            ended_runs_are_queued_again, parked_runs_are_settled,
        ]);
    };
    ($home:ident, $module:ident: [$($law:ident),* $(,)?]) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                $crate::conformance::$module::$law(&<super::$home as $crate::conformance::Home>::new()).await;
            })*
        }
    };
}
pub(crate) use suite;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub fn later(t: Timestamp, seconds: i64) -> Timestamp {
    t.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

pub fn app(id: &str) -> App {
    App {
        id: id.into(),
        connector: "slack".into(),
        name: format!("App {id}"),
        values: json!({"client_id": "1.2"}).as_object().unwrap().clone(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub fn connection(id: &str, app: Option<&str>) -> Connection {
    Connection {
        id: id.into(),
        connector: "slack".into(),
        name: format!("Connection {id}"),
        app: app.map(Into::into),
        values: json!({"channel": "#ops", "n": 3}).as_object().unwrap().clone(),
        networks: vec!["10.0.0.0/8:443".to_owned(), "fd00::/8".to_owned()],
        limits: vec!["100/min".to_owned(), "5/s burst 20".to_owned()],
        identity: [("team_id".to_owned(), "T1".to_owned())].into(),
        account: Some("Acme".into()),
        enabled: true,
        auth: Some("oauth".into()),
        params_version: 2,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub fn event(event_type: &str) -> Event {
    Event {
        id: Uuid::now_v7(),
        origin: Origin::Trigger,
        connector: "github".into(),
        connection: Some("work".into()),
        event_type: event_type.into(),
        trigger: Some("issue_opened".into()),
        occurred_at: Some("2026-03-01T10:00:00.123456789Z".parse().unwrap()),
        received_at: at(1),
        subject: Some("acme/repo#1".into()),
        payload: json!({"issue": {"number": 1, "title": "Größe", "big": 9_007_199_254_740_993_u64}}),
        trace_id: TraceId::new(Timestamp::now()),
    }
}

/// A delivery of one event, deduplicated by `key`.
pub fn delivery(key: Option<&str>) -> NewDelivery {
    let event = event("issues.opened");
    NewDelivery {
        id: Uuid::now_v7(),
        trace_id: event.trace_id,
        connector: "github".into(),
        app: None,
        connection: Some("work".into()),
        method: "POST".into(),
        path: "/webhooks/github/work?token=redacted".into(),
        headers: vec![("x-github-event".into(), "issues".into()), ("x".into(), "1".into()), ("x".into(), "2".into())],
        body: Bytes::from_static(b"{\"issue\":{\"number\":1}}\xff"),
        verified_by: "hmac-sha256".into(),
        dedupe_key: key.map(Into::into),
        received_at: at(1),
        events: vec![event],
    }
}

pub fn new_run(flow: &str) -> NewRun {
    NewRun { id: Uuid::now_v7(), flow: flow.into(), connection: "team-chat".into(), action: "post_message".into() }
}

/// Keeps one delivery of one event and makes `flows` runs of it, due at second 10.
pub async fn dispatch(store: &SharedStore, flows: &[&str]) -> (Event, Vec<NewRun>) {
    let delivery = delivery(None);
    let event = delivery.events[0].clone();
    store.keep(delivery).await.unwrap();
    let runs: Vec<_> = flows.iter().map(|flow| new_run(flow)).collect();
    store.dispatched(event.id, runs.clone(), at(10)).await.unwrap();
    (event, runs)
}

/// The clear values of secrets, to be compared.
pub fn clear(secrets: &[Secret]) -> Vec<&str> {
    secrets.iter().map(|s| s.expose_str().unwrap()).collect()
}
