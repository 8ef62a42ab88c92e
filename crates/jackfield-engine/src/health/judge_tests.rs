#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use HealthState::{Degraded, Disabled, Failing, Healthy, Unknown};
use connector_core::FieldError;

use super::*;

fn at(text: &str) -> Timestamp {
    format!("2026-03-{text}Z").parse().unwrap()
}

fn recent(success: u64, failure: u64) -> Recent {
    Recent {
        success,
        failure,
        last_success: (success > 0).then(|| at("10T09:30:00")),
        last_failure: (failure > 0).then(|| at("10T09:45:00")),
        kind: "timeout".into(),
    }
}

fn check(ok: bool, when: &str) -> CheckRecord {
    let errors = if ok { vec![] } else { vec![FieldError::new("/token", "is wrong")] };
    CheckRecord { ok, at: at(when), since: at(when), errors, account: None, scopes: vec![] }
}

fn token(state: AuthState) -> TokenStatus {
    TokenStatus {
        unanswered: false,
        method: "oauth".into(),
        state,
        reason: None,
        since: at("10T00:00:00"),
        obtained_at: at("01T00:00:00"),
        expires_at: None,
        scopes: vec![],
        failures: 0,
        not_before: None,
    }
}

fn state(before: HealthState, recent: Recent, check: Option<CheckRecord>, auth: Option<AuthState>) -> HealthState {
    let auth = auth.map(token);
    judge(&Evidence {
        enabled: true,
        disabled_because: None,
        auth: auth.as_ref(),
        check: check.as_ref(),
        recent: &recent,
        before,
        reason: Some("as it was"),
    })
    .0
}

#[test]
fn states_follow_from_what_is_known() {
    let none = Recent::default;
    let early = || Some(check(false, "10T09:00:00"));
    for (name, want, got) in [
        ("nothing is known", Unknown, state(Unknown, none(), None, None)),
        ("nothing new", Failing, state(Failing, none(), None, None)),
        ("a call worked", Healthy, state(Unknown, recent(1, 0), None, None)),
        ("a check worked", Healthy, state(Failing, none(), Some(check(true, "10T09:00:00")), None)),
        ("a check failed", Failing, state(Healthy, none(), early(), None)),
        (
            "a check failed after a call worked",
            Failing,
            state(Healthy, recent(5, 0), Some(check(false, "10T10:00:00")), None),
        ),
        ("a call worked after a check failed", Healthy, state(Failing, recent(5, 0), early(), None)),
        ("one failure", Degraded, state(Healthy, recent(0, 1), None, None)),
        ("three failures", Failing, state(Healthy, recent(0, 3), None, None)),
        (
            "three failures, and a check that works since",
            Degraded,
            state(Healthy, recent(0, 3), Some(check(true, "10T10:00:00")), None),
        ),
        (
            "three failures since the check",
            Failing,
            state(Healthy, recent(0, 3), Some(check(true, "10T09:00:00")), None),
        ),
        ("a fifth fails", Degraded, state(Healthy, recent(8, 2), None, None)),
        ("less than a fifth fails", Healthy, state(Healthy, recent(9, 2), None, None)),
        ("a degraded one stays so until less than a tenth fails", Degraded, state(Degraded, recent(9, 1), None, None)),
        ("less than a tenth fails", Healthy, state(Degraded, recent(19, 2), None, None)),
        ("too few calls for a share", Healthy, state(Healthy, recent(3, 1), None, None)),
        ("credentials that do not work", Failing, state(Healthy, recent(9, 0), None, Some(AuthState::NeedsReauth))),
        ("an app that is refused", Failing, state(Healthy, none(), None, Some(AuthState::Misconfigured))),
        ("renewing fails", Degraded, state(Healthy, recent(9, 0), None, Some(AuthState::Degraded))),
        ("renewing is under way", Healthy, state(Healthy, recent(9, 0), None, Some(AuthState::Refreshing))),
        ("switched on again, nothing known", Unknown, state(Disabled, none(), None, None)),
    ] {
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn a_share_just_below_a_tenth_is_well_again() {
    assert_eq!(state(Degraded, recent(91, 9), None, None), Healthy);
    assert_eq!(state(Degraded, recent(90, 10), None, None), Degraded);
}

fn day(n: u32, outcome: Outcome, count: u64, time: &str) -> DayTally {
    DayTally {
        connection: "c".into(),
        day: at(&format!("{n:02}T00:00:00")),
        outcome,
        count,
        last_at: at(&format!("{n:02}T{time}")),
    }
}

fn failures(days: std::ops::RangeInclusive<u32>) -> Vec<DayTally> {
    days.map(|n| day(n, Outcome::Failure, 2, "12:00:00")).collect()
}

fn fires(days: &[DayTally], enabled_at: Option<&str>) -> bool {
    week(&Disabling::default(), days, enabled_at.map(at), at("20T00:00:00")).is_some()
}

#[test]
fn the_week_is_seven_days_of_nothing_but_failures() {
    assert!(!fires(&failures(1..=6), None));
    assert!(fires(&failures(1..=7), None));

    let mut days = failures(1..=7);
    days.push(day(4, Outcome::Success, 1, "13:00:00"));
    assert!(!fires(&days, None), "one success, and it begins anew");
    days.extend(failures(8..=10));
    assert!(!fires(&days, None), "six days since the success");
    days.extend(failures(11..=11));
    assert!(fires(&days, None), "seven days since the success");

    let mut days = failures(1..=7);
    days.push(day(1, Outcome::Success, 1, "11:00:00"));
    assert!(fires(&days, None), "it succeeded for the last time before the first failure");

    let halted: Vec<DayTally> = (1..=14).map(|n| day(n, Outcome::Halted, 50, "12:00:00")).collect();
    assert!(!fires(&halted, None), "halted calls are no failures");

    assert!(!fires(&failures(1..=7), Some("02T00:00:00")), "what was before it was switched on counts no more");
    assert!(fires(&failures(1..=7), Some("01T00:00:00")));

    let few: Vec<DayTally> = (1..=7).map(|n| day(n, Outcome::Failure, 1, "12:00:00")).collect();
    assert!(!fires(&few, None), "seven failures are fewer than ten");
    assert!(week(&Disabling::off(), &failures(1..=9), None, at("20T00:00:00")).is_none());
}

#[test]
fn credentials_that_were_taken_back_switch_off_once() {
    let now = at("20T00:00:00");
    let is = |state, enabled_at: Option<&str>, rules: Disabling| {
        revoked(&rules, Some(&token(state)), enabled_at.map(at), now).is_some()
    };
    assert!(is(AuthState::Revoked, None, Disabling::default()));
    assert!(!is(AuthState::NeedsReauth, None, Disabling::default()), "a person's consent mends that");
    assert!(!is(AuthState::Revoked, Some("11T00:00:00"), Disabling::default()), "known when it was switched on");
    assert!(!is(AuthState::Revoked, None, Disabling::off()));
}
