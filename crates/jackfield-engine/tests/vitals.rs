//! Health and descriptors through the engine: a connector made at run time, a service that does as it is told, a clock that
//! is set by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, unreachable_pub, missing_docs)]

mod acme;

use acme::{Bench, Does};
use connector_core::{Class, ErrorKind, auth::AuthState, schema::Validator};
use jackfield_engine::health::{self, Disabling};
use jackfield_store::{Filter, HealthState, Outcome};
use serde_json::{Value, json};

#[tokio::test]
async fn calls_are_counted_by_hour_and_survive_a_restart() {
    let b = Bench::new().await;
    for (does, times) in [(Does::Work, 3), (Does::Break, 2), (Does::Miss, 4)] {
        b.does(does);
        b.call_times(times).await;
    }
    b.call_action("no_such_action").await.unwrap_err();
    b.forward_hours(1);
    b.does(Does::Work);
    b.call_times(1).await;
    let h = b.health().await;
    let hours: Vec<(u64, u64, u64)> = h.hours.iter().map(|h| (h.sums.success, h.sums.halted, h.sums.failure)).collect();
    assert_eq!(hours, [(3, 5, 2), (1, 0, 0)]);
    assert_eq!(h.hours[1].at.duration_since(h.hours[0].at).as_hours(), 1);
    let sums = h.summary.last_24h;
    assert_eq!((sums.success, sums.halted, sums.failure), (4, 5, 2));
    let ping = h.actions.iter().find(|a| a.action == "ping").unwrap();
    assert_eq!(ping.kinds, [("not_found".to_owned(), 4), ("upstream_unavailable".to_owned(), 2)].into());
    assert!(h.actions.iter().all(|a| a.action != "no_such_action"), "names from outside are no keys");
    assert_eq!(h.summary.last_failure.as_ref().unwrap().kind, "upstream_unavailable");

    // What was counted and not asked for yet is written before a process ends.
    b.call_times(2).await;
    b.engine.flush_calls().await.unwrap();
    let b = b.restart().await;
    assert_eq!(b.health().await.summary.last_24h.success, 6);

    let only = b.engine.connection_health("mine", Some("(other)")).await.unwrap();
    assert_eq!((only.hours.len(), only.hours[0].sums.halted), (1, 1));
    b.engine.connection_health("none", None).await.unwrap_err();
}

#[tokio::test]
async fn counts_are_kept_thirty_days() {
    let b = Bench::new().await;
    b.call_times(1).await;
    b.forward_hours(29 * 24);
    b.engine.tend_all().await.unwrap();
    assert_eq!(b.health().await.hours.len(), 1);
    b.forward_hours(48);
    b.engine.tend_all().await.unwrap();
    let since = "2000-01-01T00:00:00Z".parse().unwrap();
    assert!(b.engine.store().calls("mine", since).await.unwrap().is_empty());
}

#[tokio::test]
async fn states_follow_calls_and_checks_and_are_told_once() {
    let b = Bench::new().await;
    assert_eq!(b.state().await, HealthState::Unknown);
    b.call_times(1).await;
    b.engine.tend().await.unwrap();
    assert_eq!(b.state().await, HealthState::Healthy);
    assert!(b.told().await.is_empty(), "that a new connection works is no news");

    b.forward_hours(4);
    b.does(Does::Break);
    b.call_times(3).await;
    b.engine.tend().await.unwrap();
    assert_eq!(b.state().await, HealthState::Failing);
    b.call_times(3).await;
    b.engine.tend().await.unwrap();
    b.engine.tend_all().await.unwrap();
    let told = b.told().await;
    assert_eq!(told.len(), 1, "once");
    assert_eq!(told[0].event_type, health::HEALTH_CHANGED);
    assert_eq!(told[0].connector, "jackfield");
    assert_eq!((&told[0].payload["before"], &told[0].payload["state"]), (&json!("healthy"), &json!("failing")));

    // The check says that it is not the credentials.
    b.forward_minutes(1);
    b.does(Does::Work);
    assert!(b.engine.check_connection("mine").await.unwrap().errors.is_empty());
    assert_eq!(b.state().await, HealthState::Degraded);
    let check = b.health().await.summary.check.unwrap();
    assert_eq!((check.ok, check.account.as_deref(), check.scopes.len()), (true, Some("Mia"), 1));

    b.forward_hours(4);
    b.call_times(1).await;
    b.engine.tend().await.unwrap();
    assert_eq!(b.state().await, HealthState::Healthy);

    b.does(Does::Gone);
    b.forward_minutes(1);
    assert_eq!(b.engine.check_connection("mine").await.unwrap().errors.len(), 1);
    b.forward_minutes(1);
    b.engine.check_connection("mine").await.unwrap();
    let h = b.health().await.summary;
    assert_eq!(h.state, HealthState::Failing);
    assert!(h.reason.unwrap().contains("token"), "the reason names the param");
    let check = h.check.unwrap();
    assert_eq!(check.at.duration_since(check.since).as_secs(), 60, "since the first that found the same");
    assert_eq!(b.told().await.len(), 4);
}

#[tokio::test]
async fn a_week_of_nothing_but_failures_switches_off_and_six_days_do_not() {
    let b = Bench::new().await;
    b.does(Does::Break);
    for day in 1..=6 {
        b.call_times(3).await;
        b.engine.tend().await.unwrap();
        assert_eq!(b.state().await, HealthState::Failing, "day {day}");
        b.forward_hours(24);
    }
    b.call_times(1).await;
    b.engine.tend().await.unwrap();
    let h = b.health().await.summary;
    assert_eq!((h.state, h.enabled), (HealthState::Disabled, false));
    let because = h.disabled_because.unwrap();
    assert_eq!(because.rule.as_str(), "week_of_failures");
    assert_eq!(because.text, "19 calls failed on 7 days, and none succeeded");
    let told = b.told().await;
    let last = told.last().unwrap();
    assert_eq!((last.event_type.as_str(), &last.payload["because"]), (health::DISABLED, &json!("week_of_failures")));
    assert_eq!(b.call_times(1).await.unwrap().kind(), ErrorKind::Misconfigured);

    // It still does not work: it is not switched on by mistake.
    let e = b.engine.enable_when_well("mine").await.unwrap_err().into_error();
    assert_eq!(e.kind(), ErrorKind::InvalidInput);
    assert_eq!(b.state().await, HealthState::Disabled);
    b.forward_minutes(1);
    b.does(Does::Work);
    assert!(b.engine.enable_when_well("mine").await.unwrap().enabled);
    assert_eq!(b.told().await.last().unwrap().event_type, health::ENABLED);

    // What was before counts no more.
    b.does(Does::Break);
    for _ in 1..=6 {
        b.forward_hours(24);
        b.call_times(3).await;
        b.engine.tend().await.unwrap();
        assert_ne!(b.state().await, HealthState::Disabled);
    }
    b.forward_hours(24);
    b.call_times(3).await;
    b.engine.tend().await.unwrap();
    assert_eq!(b.state().await, HealthState::Disabled);
    b.forward_minutes(1);
    assert!(b.engine.enable_connection("mine", true).await.unwrap().enabled, "a person may, whatever the check says");
}

#[tokio::test]
async fn one_success_or_only_halted_calls_switch_nothing_off() {
    let b = Bench::new().await;
    for day in 1..=9 {
        b.does(Does::Break);
        b.call_times(5).await;
        if day == 5 {
            b.does(Does::Work);
            b.call_times(1).await;
        }
        b.engine.tend().await.unwrap();
        b.forward_hours(24);
    }
    assert!(b.engine.store().connection("mine").await.unwrap().enabled);

    let b = Bench::new().await;
    b.does(Does::Miss);
    for _ in 1..=10 {
        b.call_times(20).await;
        b.engine.tend().await.unwrap();
        b.forward_hours(24);
    }
    b.engine.tend_all().await.unwrap();
    assert_eq!(b.state().await, HealthState::Unknown);

    let b = Bench::with(Disabling::off()).await;
    b.does(Does::Break);
    for _ in 1..=10 {
        b.call_times(20).await;
        b.engine.tend().await.unwrap();
        b.forward_hours(24);
    }
    assert!(b.engine.store().connection("mine").await.unwrap().enabled, "the rule is switched off");
}

#[tokio::test]
async fn what_the_service_says_is_gone_is_switched_off_at_once_if_the_check_agrees() {
    let b = Bench::new().await;
    b.does(Does::Gone);
    b.call_times(1).await;
    b.engine.tend().await.unwrap();
    b.until_disabled().await;
    let h = b.health().await.summary;
    assert_eq!(h.disabled_because.unwrap().rule.as_str(), "fatal");

    // The call is told that it is gone, the check works: somebody else's fault.
    let b = Bench::new().await;
    b.does(Does::GoneForCallsOnly);
    b.call_times(1).await;
    b.engine.tend().await.unwrap();
    b.until_checked().await;
    assert!(b.engine.store().connection("mine").await.unwrap().enabled);

    // Credentials that were taken back.
    let b = Bench::new().await;
    b.token(AuthState::NeedsReauth).await;
    b.engine.tend_all().await.unwrap();
    assert_eq!(b.state().await, HealthState::Failing);
    b.token(AuthState::Revoked).await;
    b.engine.tend_all().await.unwrap();
    assert_eq!(b.state().await, HealthState::Disabled);
    b.forward_minutes(1);
    b.engine.enable_connection("mine", true).await.unwrap();
    b.engine.tend_all().await.unwrap();
    assert_eq!(b.state().await, HealthState::Failing, "it is not switched off again for what a person knows");
}

#[tokio::test]
async fn what_is_told_fits_its_schema_and_starts_flows() {
    let b = Bench::new().await;
    let flow =
        |on: Value| json!({"id": "alarm", "on": on, "do": [{"connection": "other", "action": "ping", "input": {}}]});
    let wrong = b.put_flow(flow(json!({"connector": "jackfield", "event": "connection.disabeld"}))).await.unwrap_err();
    assert!(wrong.to_string().contains("`connection.disabled`"), "{wrong}");
    b.put_flow(flow(json!({"connector": "jackfield", "connection": "mine", "event": "connection.*"}))).await.unwrap();
    b.put_flow(json!({"id": "uses", "on": {"connector": "acme", "event": "thing"},
        "do": [{"connection": "mine", "action": "ping", "input": {}}]}))
        .await
        .unwrap();

    b.does(Does::Break);
    b.call_times(3).await;
    b.engine.tend().await.unwrap();
    b.engine.enable_connection("mine", false).await.unwrap();
    b.engine.enable_connection("mine", true).await.unwrap();
    let told = b.told().await;
    let types: Vec<&str> = told.iter().map(|e| e.event_type.as_str()).collect();
    assert_eq!(types, [health::HEALTH_CHANGED, health::DISABLED, health::ENABLED]);
    assert!(told.windows(2).all(|two| two[0].id < two[1].id), "ids grow, in one millisecond too");
    for e in &told {
        let (_, schema) = health::event_schemas().into_iter().find(|(t, _)| *t == e.event_type).unwrap();
        let faults = Validator::new(schema).unwrap().check(&e.payload);
        assert!(faults.is_empty(), "{faults:?} in {}", e.payload);
        assert_eq!(e.payload["affected"]["flows"], json!(["uses"]));
        assert_eq!(e.payload["affected"]["feeds"], json!([{"flow": "uses", "event": "thing"}]));
        assert_eq!(e.connection.as_deref(), Some("mine"));
    }
    assert_eq!(told[1].payload["because"], "person");

    b.does(Does::Work);
    b.dispatch_until(|runs| runs == 3).await;
    let runs = b.engine.store().runs(Filter { flow: Some("alarm".into()), ..Filter::default() }).await.unwrap();
    assert!(runs.iter().all(|r| r.connection == "other"));

    let after = b.engine.told_after(Some(told[0].id), 10).await.unwrap();
    assert_eq!(after, told[1..], "whoever comes back gets what they missed");
    assert_eq!(*b.engine.health_told().borrow(), Some(told[2].id));
}

#[tokio::test]
async fn checks_by_schedule_wait_behind_everything_and_are_left_out_while_calls_work() {
    let b = Bench::new().await;
    assert_eq!(b.engine.run_due_checks().await.unwrap(), 0, "not when a gateway begins");
    b.forward_minutes(61);
    assert_eq!(b.engine.run_due_checks().await.unwrap(), 2);
    assert!(b.classes().iter().all(|c| *c == Class::Background));
    assert_eq!(b.engine.run_due_checks().await.unwrap(), 0);
    b.forward_minutes(50);
    b.call_times(1).await;
    b.engine.tend().await.unwrap();
    b.forward_minutes(20);
    assert_eq!(b.engine.run_due_checks().await.unwrap(), 1, "one of the two worked lately");
    b.forward_minutes(50);
    b.engine.enable_connection("mine", false).await.unwrap();
    assert_eq!(b.engine.run_due_checks().await.unwrap(), 0, "what is switched off is not checked");
}

#[tokio::test]
async fn a_connection_is_described_after_a_check_and_its_version_grows_with_changes_only() {
    let b = Bench::new().await;
    let titles =
        async || -> Vec<String> { b.engine.actions("mine").await.unwrap().into_iter().map(|a| a.title).collect() };
    assert_eq!(titles().await, ["Ping", "Secret"]);
    b.engine.check_connection("mine").await.unwrap();
    let kept = b.engine.descriptors("mine").await.unwrap().unwrap();
    assert_eq!(kept.version, 1);
    assert_eq!(titles().await, ["Ping Mia"], "hidden actions are not shown");
    let ping = b.engine.action("mine", "ping").await.unwrap();
    assert_eq!(ping.input_schema["properties"]["to"]["examples"], json!(["a", "b"]));
    assert!(b.engine.action("mine", "secret").await.unwrap().hidden);
    b.call_action("secret").await.expect("a hidden action may be called");
    b.engine.call("mine", "ping", json!({"to": "z"}), b.how()).await.expect("what was not learned is not refused");

    b.forward_minutes(1);
    let again = b.engine.describe_connection("mine").await.unwrap();
    assert_eq!((again.version, again.changed), (1, false));
    assert!(b.engine.descriptors("mine").await.unwrap().unwrap().described_at > kept.described_at);
    assert_eq!(again.hidden, ["secret"]);
    assert_eq!(again.notes, ["there is no action `nothing`"]);

    b.learn(&["a", "b", "c"]);
    let changed = b.engine.describe_connection("mine").await.unwrap();
    assert_eq!((changed.version, changed.changed), (2, true));
    b.does(Does::Break);
    b.engine.describe_connection("mine").await.unwrap_err();
    assert_eq!(b.engine.descriptors("mine").await.unwrap().unwrap().version, 2, "a failure keeps what was known");

    b.engine.store().delete_connection("mine").await.unwrap();
    assert!(b.engine.store().descriptors("mine").await.unwrap().is_none());
    assert!(b.engine.store().health("mine").await.unwrap().is_none());
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_counted_too() {
    let b = Bench::new().await;
    b.does(Does::Hang);
    let how = b.how();
    let cancel = how.cancel.clone();
    let call = b.engine.call("mine", "ping", json!({}), how);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(50), call).await.is_err());
    let how = b.how();
    let given_up = how.cancel.clone();
    {
        let mut call = Box::pin(b.engine.call("mine", "ping", json!({}), how));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(50), &mut call).await.is_err());
        given_up.cancel();
    }
    drop(cancel);
    b.engine.flush_calls().await.unwrap();
    let since = "2000-01-01T00:00:00Z".parse().unwrap();
    let mut kinds: Vec<(Outcome, String)> =
        b.engine.store().calls("mine", since).await.unwrap().into_iter().map(|t| (t.key.outcome, t.key.kind)).collect();
    kinds.sort();
    assert_eq!(kinds, [(Outcome::Halted, "cancelled".to_owned()), (Outcome::Failure, "timeout".to_owned())]);
}
