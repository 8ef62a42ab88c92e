//! The life of a connection's tokens as a machine: a pure function of (state, event, now) to (state, command).
//!
//! What lives here: who may renew, when, and what follows from each answer, so that no refresh token is redeemed twice and
//! no connection is given up for anything but the service's own word about the newest token. What must not: any I/O. The
//! driver (`renew`) carries out one command after the other and tells the machine how each ended; a model test does the
//! same with a world in memory and kills processes between any two commands.
//!
//! The order of a renewal: look, take the lease, look again, announce it in the store, redeem, keep the new tokens, give the
//! lease back. The announcement says, after a crash, that the refresh token may have been used.

mod rules;
mod settle;

use std::time::Duration;

use connector_core::auth::{AuthState, TokenLease, TokenStatus};
use jiff::Timestamp;

pub use rules::{Renewal, Rules};

/// What is kept of a connection, as far as the machine looks at it. Marks stand for tokens: equal marks, equal tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What is known.
    pub status: TokenStatus,
    /// The count of writes.
    pub generation: u64,
    /// The access token's mark.
    pub access: u64,
    /// The refresh token's.
    pub refresh: Option<u64>,
}

/// Why somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A call wants a token.
    Wanted,
    /// The service refused the access token of this mark.
    Refused(u64),
    /// Nobody does: it is looked whether it has not been used for long, or an earlier renewal is to be finished.
    Idle,
    /// A person asks for a renewal, whatever is there.
    Asked,
}

/// How a redemption ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// New tokens.
    Granted {
        /// When the access token ends.
        expires_at: Option<Timestamp>,
        /// The granted scopes; empty: as before.
        scopes: Vec<String>,
    },
    /// The service does not take what was presented any more.
    Refused(String),
    /// The service refuses the app.
    Client(String),
    /// Later perhaps.
    Later {
        /// The pause that the service asks for.
        after: Option<Duration>,
        /// Whether what was presented may have been used.
        unanswered: bool,
        /// Why, for people.
        reason: String,
    },
}

/// What the driver is told to do; it answers with the [`Event`] of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read what is kept.
    Read,
    /// Take the right to renew.
    Lease,
    /// Write, see [`connector_core::auth::TokenStore::put_token`].
    Write {
        /// The generation that was read.
        expected: u64,
        /// The right that it is written by.
        lease: Option<TokenLease>,
        /// What is known from then on.
        status: TokenStatus,
        /// Whether the tokens that were just granted are written too.
        tokens: bool,
    },
    /// Present the refresh token that was read last, or ask anew where the method needs none.
    Redeem,
    /// Give the right back.
    Release(TokenLease),
    /// Wait for whoever has the right.
    Wait(Duration),
    /// It is over.
    Done(End),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// What is kept, if anything is.
    Read(Option<Kept>),
    /// The right, or that somebody else has it.
    Leased(Option<TokenLease>),
    /// The new generation, or that it was not written.
    Wrote(Option<u64>),
    /// How the redemption ended.
    Answered(Answer),
    /// The right was given back.
    Released,
    /// The pause is over.
    Waited,
}

/// How it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// What is kept can be used.
    Usable,
    /// Nothing is kept.
    Absent,
    /// What is kept cannot be used, and trying again does not help: see the state.
    Dead(TokenStatus),
    /// What is kept cannot be used now.
    Later(TokenStatus),
}

/// A renewal, or the finding that none is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    rules: Rules,
    why: Why,
    /// The access token that was there at the first look.
    first: Option<u64>,
    /// Turns left before it is given up for now.
    patience: u32,
    phase: Phase,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Looking,
    Leasing { kept: Kept },
    Waiting,
    Checking { lease: TokenLease },
    Announcing { lease: TokenLease, kept: Kept },
    Redeeming(Redeeming),
    Saving { by: Redeeming, status: TokenStatus },
    Overtaken { by: Redeeming, status: TokenStatus },
    Doubting { by: Redeeming, reason: String },
    Settling { lease: Option<TokenLease>, end: End },
    Releasing { then: Option<End> },
    Over,
}

/// A redemption under way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Redeeming {
    lease: TokenLease,
    /// What was kept before it was announced.
    before: Kept,
    /// The generation of the announcement.
    generation: u64,
}

/// How long whoever waits for another's renewal sleeps between two looks.
pub(crate) const PAUSE: Duration = Duration::from_millis(200);

impl Machine {
    /// Begins; the first command is [`Command::Read`].
    pub fn new(rules: Rules, why: Why) -> (Self, Command) {
        let patience = rules.turns;
        (Self { rules, why, first: None, patience, phase: Phase::Looking }, Command::Read)
    }

    /// Goes on. An event that does not belong to the last command ends it without harm.
    pub fn step(mut self, event: Event, now: Timestamp) -> (Self, Command) {
        let phase = std::mem::replace(&mut self.phase, Phase::Over);
        match (phase, event) {
            (Phase::Looking, Event::Read(kept)) => self.looked(kept, now),
            (Phase::Waiting, Event::Waited) => self.look(),
            (Phase::Leasing { .. }, Event::Leased(Some(lease))) => {
                self.phase = Phase::Checking { lease };
                (self, Command::Read)
            }
            (Phase::Leasing { kept }, Event::Leased(None)) => self.left_to_others(kept, now),
            (Phase::Checking { lease }, Event::Read(kept)) => self.checked(lease, kept, now),
            // A process that stood still until now has not the time left in which nobody else redeems.
            (Phase::Announcing { lease, .. }, Event::Wrote(Some(_))) if self.rules.is_late(lease, now) => {
                self.release(lease, None)
            }
            (Phase::Announcing { lease, kept }, Event::Wrote(Some(generation))) => {
                self.phase = Phase::Redeeming(Redeeming { lease, before: kept, generation });
                (self, Command::Redeem)
            }
            // Somebody wrote since: what they wrote may be all that is needed.
            (Phase::Announcing { lease, .. }, Event::Wrote(None)) => self.release(lease, None),
            (Phase::Redeeming(by), Event::Answered(answer)) => self.answered(by, answer, now),
            (Phase::Saving { by, .. }, Event::Wrote(Some(_))) => self.release(by.lease, Some(End::Usable)),
            (Phase::Saving { by, status }, Event::Wrote(None)) => {
                self.phase = Phase::Overtaken { by, status };
                (self, Command::Read)
            }
            (Phase::Overtaken { by, status }, Event::Read(kept)) => self.overtaken(by, status, kept),
            (Phase::Doubting { by, reason }, Event::Read(kept)) => self.doubted(by, &reason, kept, now),
            (Phase::Settling { lease, end }, Event::Wrote(written)) => {
                let then = written.map(|_| end);
                match lease {
                    Some(lease) => self.release(lease, then),
                    None => self.then(then),
                }
            }
            (Phase::Releasing { then }, Event::Released) => self.then(then),
            _ => self.done(End::Absent),
        }
    }

    fn look(mut self) -> (Self, Command) {
        self.phase = Phase::Looking;
        (self, Command::Read)
    }

    fn done(mut self, end: End) -> (Self, Command) {
        self.phase = Phase::Over;
        (self, Command::Done(end))
    }

    fn release(mut self, lease: TokenLease, then: Option<End>) -> (Self, Command) {
        self.phase = Phase::Releasing { then };
        (self, Command::Release(lease))
    }

    /// The end, or another look.
    fn then(mut self, end: Option<End>) -> (Self, Command) {
        match end {
            Some(end) => self.done(end),
            None => {
                self.patience = self.patience.saturating_sub(1);
                self.look()
            }
        }
    }

    fn looked(mut self, kept: Option<Kept>, now: Timestamp) -> (Self, Command) {
        let Some(kept) = kept else { return self.done(End::Absent) };
        self.first.get_or_insert(kept.access);
        if let Some(end) = self.end_without_renewal(&kept, now) {
            return self.done(end);
        }
        let renewable = self.rules.is_renewable(&kept);
        if self.patience == 0 || (!renewable && matches!(self.why, Why::Asked | Why::Idle)) {
            let end = self.rules.end_as_it_is(&kept.status, now);
            return self.done(end);
        }
        if !renewable {
            return self.lapse(kept, now);
        }
        self.phase = Phase::Leasing { kept };
        (self, Command::Lease)
    }

    /// How it ends if nothing is to be renewed now.
    fn end_without_renewal(&self, kept: &Kept, now: Timestamp) -> Option<End> {
        let status = &kept.status;
        let asked = self.why == Why::Asked;
        match status.state {
            AuthState::Revoked => return Some(End::Dead(status.clone())),
            // A person may try what the service refused once more; nobody else does.
            AuthState::NeedsReauth if !asked => return Some(End::Dead(status.clone())),
            _ => {}
        }
        let needed = match self.why {
            Why::Wanted => self.rules.is_due(kept, now),
            Why::Refused(mark) => kept.access == mark,
            Why::Idle => self.rules.is_idle(kept, now) || Rules::is_unfinished(&kept.status),
            Why::Asked => self.first == Some(kept.access),
        };
        if !needed {
            return Some(self.rules.end_as_it_is(status, now));
        }
        let resting = !asked && status.not_before.is_some_and(|at| now < at);
        resting.then(|| match self.why {
            // The refused one is all there is.
            Why::Refused(_) => End::Later(status.clone()),
            _ => self.rules.end_as_it_is(status, now),
        })
    }

    fn left_to_others(mut self, kept: Kept, now: Timestamp) -> (Self, Command) {
        if matches!(self.why, Why::Wanted | Why::Idle) && self.rules.holds(&kept.status, now) {
            return self.done(End::Usable);
        }
        self.patience = self.patience.saturating_sub(1);
        if self.patience == 0 {
            let end = self.rules.end_as_it_is(&kept.status, now);
            return self.done(end);
        }
        self.phase = Phase::Waiting;
        (self, Command::Wait(PAUSE))
    }

    fn checked(mut self, lease: TokenLease, kept: Option<Kept>, now: Timestamp) -> (Self, Command) {
        let Some(kept) = kept else { return self.release(lease, Some(End::Absent)) };
        if let Some(end) = self.end_without_renewal(&kept, now) {
            return self.release(lease, Some(end));
        }
        if !self.rules.is_renewable(&kept) {
            return self.release(lease, None);
        }
        let mut status = kept.status.clone();
        // Announced by somebody who did not come to the end of it: this lease says that nobody is at it now.
        status.unanswered |= status.state == AuthState::Refreshing;
        status.state = AuthState::Refreshing;
        status.since = now;
        status.reason = None;
        let expected = kept.generation;
        self.phase = Phase::Announcing { lease, kept };
        (self, Command::Write { expected, lease: Some(lease), status, tokens: false })
    }
}

#[cfg(test)]
mod tests;
