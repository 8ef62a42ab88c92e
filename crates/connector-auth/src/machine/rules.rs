//! When tokens are renewed, and how long is waited after a failure.

use std::time::Duration;

use connector_core::auth::{AuthState, TokenLease, TokenStatus};
use jiff::{SignedDuration, Timestamp};

use super::{End, Kept};

/// How a method's tokens are renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// They are not.
    None,
    /// By the refresh token, if there is one.
    RefreshToken,
    /// They are asked for anew, without a person.
    Obtained,
}

/// What holds for one connection's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How they are renewed.
    pub renewal: Renewal,
    /// An unused refresh token dies after so long.
    pub idle: Option<SignedDuration>,
    /// Spreads moments between connections, the same in all processes.
    pub seed: u64,
    /// How often at most it looks again after another process was at it.
    pub turns: u32,
    /// How long a redemption may take. A lease must last longer.
    pub request: Duration,
}

/// Ahead of an end, at most.
const MOST_AHEAD: i64 = 300;
/// Ahead of an end, at least, where the life is long enough.
const LEAST_AHEAD: i64 = 30;
/// The first pause after a failure, in seconds.
const FIRST_PAUSE: u64 = 5;
/// The longest of ours.
const LONGEST_PAUSE: u64 = 15 * 60;
/// The longest that a service may ask for.
const LONGEST_ASKED: u64 = 3600;

impl Rules {
    /// A moment within a fifth around one, spread by connection and generation.
    fn spread(&self, seconds: i64, turn: u64) -> i64 {
        let mixed = (self.seed ^ turn).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let fifth = seconds / 5;
        seconds - fifth + fifth.saturating_mul(2).saturating_mul(i64::try_from(mixed).unwrap_or(128)) / 255
    }

    fn life(status: &TokenStatus) -> Option<i64> {
        status.expires_at.map(|end| end.duration_since(status.obtained_at).as_secs().max(0))
    }

    /// Whether the access token can be used for a call that begins now.
    pub(crate) fn holds(&self, status: &TokenStatus, now: Timestamp) -> bool {
        if matches!(status.state, AuthState::NeedsReauth | AuthState::Revoked) {
            return false;
        }
        let Some((end, life)) = status.expires_at.zip(Self::life(status)) else { return true };
        end.duration_since(now) > SignedDuration::from_secs((life / 10).min(10))
    }

    /// Whether it is time to renew: its end is near, or an earlier try did not come to its end.
    pub(crate) fn is_due(&self, kept: &Kept, now: Timestamp) -> bool {
        let status = &kept.status;
        // What cannot be renewed is not due before its end, and no earlier try is to be finished.
        if !self.is_renewable(kept) {
            return !self.holds(status, now);
        }
        if Self::is_unfinished(status) {
            return true;
        }
        let Some((end, life)) = status.expires_at.zip(Self::life(status)) else { return false };
        let ahead = self.spread((life / 10).clamp(LEAST_AHEAD, MOST_AHEAD), kept.access).min(life / 2);
        end.duration_since(now) <= SignedDuration::from_secs(ahead)
    }

    /// Whether an earlier renewal did not come to its end, or failed.
    pub(super) fn is_unfinished(status: &TokenStatus) -> bool {
        matches!(status.state, AuthState::Refreshing | AuthState::Degraded | AuthState::Misconfigured)
    }

    /// Whether a refresh token that nobody used has come half of its way.
    pub(super) fn is_idle(&self, kept: &Kept, now: Timestamp) -> bool {
        let Some(idle) = self.idle.filter(|_| kept.refresh.is_some()) else { return false };
        let rest = self.spread(idle.as_secs() / 2, kept.access);
        now.duration_since(kept.status.obtained_at) >= SignedDuration::from_secs(rest)
    }

    /// Whether a lease ends before a redemption would that begins now.
    pub(super) fn is_late(&self, lease: TokenLease, now: Timestamp) -> bool {
        Duration::try_from(lease.until.duration_since(now)).map_or(true, |left| left < self.request)
    }

    pub(super) fn is_renewable(&self, kept: &Kept) -> bool {
        match self.renewal {
            Renewal::None => false,
            Renewal::RefreshToken => kept.refresh.is_some(),
            Renewal::Obtained => true,
        }
    }

    /// How it ends with what is there.
    pub(super) fn end_as_it_is(&self, status: &TokenStatus, now: Timestamp) -> End {
        if self.holds(status, now) {
            return End::Usable;
        }
        match status.state {
            AuthState::NeedsReauth | AuthState::Revoked | AuthState::Misconfigured => End::Dead(status.clone()),
            _ => End::Later(status.clone()),
        }
    }

    /// Until when nothing is tried after so many failures in a row.
    pub(super) fn rest(&self, failures: u32, asked: Option<Duration>, now: Timestamp) -> Timestamp {
        let doubled = FIRST_PAUSE.saturating_mul(1_u64.checked_shl(failures.saturating_sub(1).min(20)).unwrap_or(u64::MAX));
        let ours = doubled.min(LONGEST_PAUSE);
        let spread = self.spread(i64::try_from(ours).unwrap_or(i64::MAX), failures.into());
        let asked = asked.map_or(0, |a| a.as_secs().min(LONGEST_ASKED));
        let pause = spread.max(i64::try_from(asked).unwrap_or(0));
        now.checked_add(SignedDuration::from_secs(pause)).unwrap_or(now)
    }
}
