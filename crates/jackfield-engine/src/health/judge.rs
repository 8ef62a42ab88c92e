//! The rules, as pure functions: how a connection is, and when it is switched off. `docs/health.md` says them to people.

use connector_core::auth::{AuthState, TokenStatus};
use jackfield_store::{CallTally, CheckRecord, DayTally, DisableRule, DisabledBecause, HealthState, Outcome};
use jiff::{SignedDuration, Timestamp};

use super::Disabling;

/// How far back calls tell how a connection is: this hour and the two before.
pub(super) const RECENT: SignedDuration = SignedDuration::from_hours(2);
/// So many failures without a success say that a connection does not work.
const FAILING: u64 = 3;
/// So many calls must there be for their share of failures to tell something.
const ENOUGH: u64 = 5;
/// The share of failures, in percent, from which a connection is degraded, and below which it is no more.
const DEGRADED: u64 = 20;
const WELL_AGAIN: u64 = 10;
/// On so many days there must be nothing but failures.
const DAYS: usize = 7;

/// The calls of the last hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Recent {
    pub(super) success: u64,
    pub(super) failure: u64,
    pub(super) last_success: Option<Timestamp>,
    pub(super) last_failure: Option<Timestamp>,
    /// The kind of the last failure.
    pub(super) kind: String,
}

impl Recent {
    /// Sums up what came after `floor`.
    pub(super) fn of(tallies: &[CallTally], floor: Option<Timestamp>) -> Self {
        let mut out = Self::default();
        for t in tallies.iter().filter(|t| floor.is_none_or(|f| t.last_at > f)) {
            match t.key.outcome {
                Outcome::Success => {
                    out.success += t.count;
                    out.last_success = out.last_success.max(Some(t.last_at));
                }
                Outcome::Failure => {
                    out.failure += t.count;
                    if out.last_failure.is_none_or(|l| t.last_at >= l) {
                        out.last_failure = Some(t.last_at);
                        out.kind.clone_from(&t.key.kind);
                    }
                }
                Outcome::Halted => {}
            }
        }
        out
    }
}

/// What is known when a connection is judged.
pub(super) struct Evidence<'a> {
    /// Whether it is switched on.
    pub(super) enabled: bool,
    /// Why the gateway switched it off.
    pub(super) disabled_because: Option<&'a DisabledBecause>,
    /// How its credentials are, if they are tokens.
    pub(super) auth: Option<&'a TokenStatus>,
    /// The last check since it was switched on.
    pub(super) check: Option<&'a CheckRecord>,
    /// Its last calls.
    pub(super) recent: &'a Recent,
    /// What it was.
    pub(super) before: HealthState,
    /// Why it was so.
    pub(super) reason: Option<&'a str>,
}

/// How a connection is, and why. Without anything new it is as it was.
pub(super) fn judge(e: &Evidence<'_>) -> (HealthState, Option<String>) {
    use HealthState::{Degraded, Disabled, Failing, Healthy, Unknown};
    if !e.enabled {
        let why = e.disabled_because.map_or_else(|| "switched off by a person".to_owned(), |b| b.text.clone());
        return (Disabled, Some(why));
    }
    if let Some(auth) = e.auth.filter(|a| !a.state.is_usable()) {
        return (Failing, Some(auth_text(auth)));
    }
    let r = e.recent;
    let since_check = |at: Option<Timestamp>| e.check.is_none_or(|c| at.is_some_and(|at| at > c.at));
    if let Some(c) = e.check.filter(|c| !c.ok)
        && !(r.last_success.is_some() && since_check(r.last_success))
    {
        return (Failing, Some(check_text(c)));
    }
    if r.failure >= FAILING && r.success == 0 {
        let why = format!("all of the last {} calls failed; the last with `{}`", r.failure, r.kind);
        // A check that works since says that it is not the credentials.
        let works = e.check.is_some_and(|c| c.ok) && !since_check(r.last_failure);
        return if works { (Degraded, Some(format!("{why}; the check works"))) } else { (Failing, Some(why)) };
    }
    if let Some(auth) = e.auth.filter(|a| a.state == AuthState::Degraded) {
        return (Degraded, Some(auth_text(auth)));
    }
    let calls = r.success + r.failure;
    let share = (r.failure * 100).checked_div(calls).unwrap_or_default();
    let bound = if e.before == Degraded { WELL_AGAIN } else { DEGRADED };
    if (calls >= ENOUGH && share >= bound) || (r.failure > 0 && r.success == 0) {
        let why = format!("{} of the last {calls} calls failed; the last with `{}`", r.failure, r.kind);
        return (Degraded, Some(why));
    }
    if r.success > 0 || e.check.is_some_and(|c| c.ok) {
        return (Healthy, None);
    }
    match e.before {
        Disabled => (Unknown, None),
        before => (before, e.reason.map(str::to_owned)),
    }
}

fn auth_text(status: &TokenStatus) -> String {
    let what = match status.state {
        AuthState::NeedsReauth => "its credentials do not work any more: connect it again",
        AuthState::Revoked => "its credentials were taken back: connect it again",
        AuthState::Misconfigured => "the service refuses the app: correct what is set up",
        _ => "its credentials could not be renewed; it is tried again",
    };
    match &status.reason {
        Some(why) => format!("{what} ({why})"),
        None => what.to_owned(),
    }
}

fn check_text(check: &CheckRecord) -> String {
    match check.errors.first() {
        Some(e) if e.pointer.is_empty() => format!("the check failed: {}", e.message),
        Some(e) => format!("the check failed: {} {}", e.pointer.trim_start_matches('/'), e.message),
        None => "the check failed".to_owned(),
    }
}

/// Whether a connection whose credentials are like this is to be switched off. What was taken back before it was last
/// switched on is known to whoever did that.
pub(super) fn revoked(
    rules: &Disabling,
    auth: Option<&TokenStatus>,
    enabled_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<DisabledBecause> {
    let status = auth.filter(|a| rules.fatal && a.state == AuthState::Revoked)?;
    (enabled_at.is_none_or(|at| status.since > at)).then(|| DisabledBecause {
        rule: DisableRule::Fatal,
        text: auth_text(status),
        at: now,
    })
}

/// Whether a connection with these days is to be switched off: since its last success, and since it was last switched on,
/// there were failures on seven days, and enough of them.
pub(super) fn week(
    rules: &Disabling,
    days: &[DayTally],
    enabled_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<DisabledBecause> {
    if !rules.week_of_failures {
        return None;
    }
    let successes = days.iter().filter(|d| d.outcome == Outcome::Success && d.count > 0);
    let floor = successes.map(|d| d.last_at).max().max(enabled_at);
    let failed: Vec<&DayTally> = days
        .iter()
        .filter(|d| d.outcome == Outcome::Failure && d.count > 0 && floor.is_none_or(|f| d.last_at > f))
        .collect();
    let failures: u64 = failed.iter().map(|d| d.count).sum();
    (failed.len() >= DAYS && failures >= rules.failures).then(|| DisabledBecause {
        rule: DisableRule::WeekOfFailures,
        text: format!("{failures} calls failed on {} days, and none succeeded", failed.len()),
        at: now,
    })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
