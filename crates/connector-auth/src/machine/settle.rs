//! What follows from an answer, and from there being none.

use connector_core::auth::{AuthState, TokenLease, TokenStatus};
use jiff::{SignedDuration, Timestamp};

use super::{Answer, Command, End, Kept, Machine, Phase, Redeeming, Renewal};

/// So many refusals of a token that cannot be renewed, within [`REFUSALS_WITHIN`] of each other, end it: one may be a
/// mistake of the service's.
const REFUSALS: u32 = 3;
/// Refusals that are farther apart are not counted together.
const REFUSALS_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// Refusals that are nearer are one: many calls were under way.
const REFUSALS_APART: SignedDuration = SignedDuration::from_secs(30);

impl Machine {
    pub(super) fn answered(mut self, by: Redeeming, answer: Answer, now: Timestamp) -> (Self, Command) {
        let before = &by.before.status;
        match answer {
            Answer::Granted { expires_at, scopes } => {
                let status = TokenStatus {
                    method: before.method.clone(),
                    state: AuthState::Healthy,
                    reason: None,
                    since: if before.state == AuthState::Healthy { before.since } else { now },
                    obtained_at: now,
                    expires_at,
                    scopes: if scopes.is_empty() { before.scopes.clone() } else { scopes },
                    failures: 0,
                    not_before: None,
                    unanswered: false,
                };
                let (expected, lease) = (by.generation, Some(by.lease));
                self.phase = Phase::Saving { by, status: status.clone() };
                (self, Command::Write { expected, lease, status, tokens: true })
            }
            // What the app says of itself is refused: no person's consent mends that.
            Answer::Refused(reason) if self.rules.renewal == Renewal::Obtained => {
                self.rested(&by, AuthState::Misconfigured, reason, None, false, now)
            }
            Answer::Refused(reason) => {
                self.phase = Phase::Doubting { by, reason };
                (self, Command::Read)
            }
            Answer::Client(reason) => self.rested(&by, AuthState::Misconfigured, reason, None, false, now),
            Answer::Later { after, unanswered, reason } => {
                self.rested(&by, AuthState::Degraded, reason, after, unanswered, now)
            }
        }
    }

    /// It is tried again after a pause.
    fn rested(
        self,
        by: &Redeeming,
        state: AuthState,
        reason: String,
        after: Option<std::time::Duration>,
        unanswered: bool,
        now: Timestamp,
    ) -> (Self, Command) {
        let before = &by.before.status;
        let failures = before.failures.saturating_add(1);
        let status = TokenStatus {
            state,
            reason: Some(reason),
            since: if before.state == state { before.since } else { now },
            failures,
            not_before: Some(self.rules.rest(failures, after, now)),
            unanswered: unanswered || before.unanswered || before.state == AuthState::Refreshing,
            ..before.clone()
        };
        self.settle(by.generation, Some(by.lease), status, now)
    }

    /// Writes a state without new tokens, and ends by it.
    fn settle(
        mut self,
        expected: u64,
        lease: Option<TokenLease>,
        status: TokenStatus,
        now: Timestamp,
    ) -> (Self, Command) {
        let end = match self.why {
            // What was refused is still all there is.
            super::Why::Refused(_) if status.state.is_usable() => End::Later(status.clone()),
            _ => self.rules.end_as_it_is(&status, now),
        };
        self.phase = Phase::Settling { lease, end };
        (self, Command::Write { expected, lease, status, tokens: false })
    }

    /// The service refused the refresh token. Unless somebody has renewed meanwhile, that is its last word.
    pub(super) fn doubted(
        self,
        by: Redeeming,
        reason: &str,
        kept: Option<Kept>,
        now: Timestamp,
    ) -> (Self, Command) {
        let Some(kept) = kept else { return self.release(by.lease, Some(End::Absent)) };
        if kept.refresh != by.before.refresh {
            return self.release(by.lease, None);
        }
        let before = &by.before.status;
        let lost = before.unanswered || before.state == AuthState::Refreshing;
        let reason = match lost {
            true => format!("{reason}; the answer to an earlier renewal was lost, perhaps with the newest token in it"),
            false => reason.to_owned(),
        };
        let status = TokenStatus {
            state: AuthState::NeedsReauth,
            reason: Some(reason),
            since: if before.state == AuthState::NeedsReauth { before.since } else { now },
            failures: before.failures.saturating_add(1),
            not_before: None,
            unanswered: lost,
            ..kept.status
        };
        self.settle(kept.generation, Some(by.lease), status, now)
    }

    /// New tokens could not be written: the lease was over, or somebody wrote. They are the newest there are if they were
    /// given for the refresh token that is still kept.
    pub(super) fn overtaken(mut self, by: Redeeming, status: TokenStatus, kept: Option<Kept>) -> (Self, Command) {
        let Some(kept) = kept else { return self.release(by.lease, Some(End::Absent)) };
        let ours = kept.refresh.is_some() && kept.refresh == by.before.refresh && self.patience > 0;
        if !ours || kept.status.state == AuthState::Revoked {
            return self.release(by.lease, None);
        }
        self.patience -= 1;
        let write = Command::Write { expected: kept.generation, lease: None, status: status.clone(), tokens: true };
        self.phase = Phase::Saving { by, status };
        (self, write)
    }

    /// What cannot be renewed has ended, or was refused.
    pub(super) fn lapse(self, kept: Kept, now: Timestamp) -> (Self, Command) {
        let before = &kept.status;
        let over = !self.rules.holds(before, now);
        let last = before.not_before.map(|at| at.saturating_sub(REFUSALS_APART).unwrap_or(at));
        let recent = last.is_some_and(|at| now.duration_since(at) < REFUSALS_WITHIN);
        let failures = if recent { before.failures.saturating_add(1) } else { 1 };
        let (state, reason) = match (over, failures >= REFUSALS) {
            (true, _) => (AuthState::NeedsReauth, "the token has ended, and the service gave none to renew it with"),
            (false, true) => (AuthState::NeedsReauth, "the service refuses the token"),
            (false, false) => (AuthState::Degraded, "the service refused the token of a call"),
        };
        let status = TokenStatus {
            state,
            reason: Some(reason.to_owned()),
            since: if before.state == state { before.since } else { now },
            failures,
            not_before: now.checked_add(REFUSALS_APART).ok(),
            ..before.clone()
        };
        self.settle(kept.generation, None, status, now)
    }
}
