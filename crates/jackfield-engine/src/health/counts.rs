//! Calls, counted in memory and written at intervals, as the audit is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use connector_core::{Cancel, Connector, Error, ErrorKind};
use jackfield_store::{CallKey, CallTally, HealthState, Outcome};
use jiff::Timestamp;

use super::hour_of;
use crate::{Engine, Result};

/// Most lines between two writes; calls of further ones are counted without their action.
const MAX_KEYS: usize = 8192;
/// What calls are counted under whose action is none of the connector's, or is one too many.
const OTHER: &str = "(other)";

/// What was counted since the last write, and what is to be looked at.
#[derive(Default)]
pub(super) struct Counts(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    lines: HashMap<CallKey, (u64, Timestamp)>,
    /// Connections whose state may be another now.
    changed: BTreeSet<String>,
    /// Connections of which the service said that they are gone, with its code.
    fatal: BTreeMap<String, String>,
}

impl Counts {
    fn add(&self, mut key: CallKey, at: Timestamp) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.lines.len() >= MAX_KEYS && !inner.lines.contains_key(&key) {
            OTHER.clone_into(&mut key.action);
        }
        let line = inner.lines.entry(key).or_insert((0, at));
        line.0 += 1;
        line.1 = line.1.max(at);
    }

    fn take(&self) -> Vec<CallTally> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.lines.drain().map(|(key, (count, last_at))| CallTally { key, count, last_at }).collect()
    }

    fn touch(&self, connection: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).changed.insert(connection.to_owned());
    }

    fn gone(&self, connection: &str, code: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fatal.insert(connection.to_owned(), code.to_owned());
    }

    /// What is to be looked at: connections, and those of which the service said that they are gone.
    pub(super) fn take_changed(&self) -> (BTreeSet<String>, BTreeMap<String, String>) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut inner.changed), std::mem::take(&mut inner.fatal))
    }
}

/// How an error counts. What was refused before it left, and what the service refused because of this one request, says
/// nothing of the connection.
pub(super) fn outcome_of(e: &Error) -> Outcome {
    // A rule of ours kept the call from leaving: the egress guard, an open circuit.
    if e.rule().is_some() {
        return Outcome::Halted;
    }
    match e.kind() {
        ErrorKind::Auth
        | ErrorKind::Permission
        | ErrorKind::Quota
        | ErrorKind::UpstreamUnavailable
        | ErrorKind::Timeout
        | ErrorKind::Protocol
        | ErrorKind::Misconfigured => Outcome::Failure,
        _ => Outcome::Halted,
    }
}

/// A call under way: it counts when it ends, however it does.
pub(crate) struct Counting<'a> {
    engine: &'a Engine,
    connector: Arc<Connector>,
    connection: String,
    action: String,
    cancel: Cancel,
    ended: bool,
}

impl Counting<'_> {
    /// Counts how it ended, and hands that on.
    pub(crate) fn end<T>(mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        self.ended = true;
        match &outcome {
            Ok(_) => self.count(Outcome::Success, ""),
            Err(e) => {
                self.count(outcome_of(e), e.kind().as_str());
                if let Some(f) = self.connector.info().fatal.iter().find(|f| f.is(e)) {
                    self.engine.inner.vitals.counts.gone(&self.connection, &f.code);
                }
            }
        }
        outcome
    }

    fn count(&self, outcome: Outcome, kind: &str) {
        let at = self.engine.now();
        let vitals = &self.engine.inner.vitals;
        let key = CallKey {
            connection: self.connection.clone(),
            action: self.action.clone(),
            hour: hour_of(at),
            outcome,
            kind: kind.to_owned(),
        };
        vitals.counts.add(key, at);
        let news = match outcome {
            Outcome::Success => vitals.state(&self.connection) != Some(HealthState::Healthy),
            Outcome::Halted => false,
            Outcome::Failure => true,
        };
        if news {
            vitals.counts.touch(&self.connection);
        }
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // Whoever waited for it went away: after its time, or since they gave up; or it panicked, which is our fault.
        let (outcome, kind) = match (std::thread::panicking(), self.cancel.is_cancelled()) {
            (true, _) => (Outcome::Halted, ErrorKind::Internal),
            (false, true) => (Outcome::Halted, ErrorKind::Cancelled),
            (false, false) => (Outcome::Failure, ErrorKind::Timeout),
        };
        self.count(outcome, kind.as_str());
    }
}

impl Engine {
    /// Begins to count a call. Names come from outside: one that is none of the connector's is not counted by.
    pub(crate) fn counting(
        &self,
        connector: &Arc<Connector>,
        connection: &str,
        action: &str,
        cancel: Cancel,
    ) -> Counting<'_> {
        let action = if connector.action(action).is_ok() { action } else { OTHER };
        Counting {
            engine: self,
            connector: connector.clone(),
            connection: connection.to_owned(),
            action: action.to_owned(),
            cancel,
            ended: false,
        }
    }

    /// Writes the calls that were counted since the last time. The dispatcher does so every
    /// [`audit_interval`](crate::Options::audit_interval); reports do so first; an embedder without a dispatcher does so
    /// before it closes the store.
    ///
    /// # Errors
    /// The store's; the counts are then lost, which is better than letting them grow.
    pub async fn flush_calls(&self) -> Result<()> {
        let tallies = self.inner.vitals.counts.take();
        if !tallies.is_empty() {
            self.inner.store.add_calls(tallies).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_service_or_the_credentials_are_at_fault_for_is_a_failure() {
        let of = |kind| outcome_of(&Error::new(kind, "x"));
        for kind in [ErrorKind::Auth, ErrorKind::Permission, ErrorKind::UpstreamUnavailable, ErrorKind::Timeout] {
            assert_eq!(of(kind), Outcome::Failure, "{kind}");
        }
        for kind in [
            ErrorKind::InvalidInput,
            ErrorKind::NotFound,
            ErrorKind::Conflict,
            ErrorKind::RateLimited,
            ErrorKind::Refused,
            ErrorKind::Cancelled,
            ErrorKind::Unsupported,
            ErrorKind::Internal,
        ] {
            assert_eq!(of(kind), Outcome::Halted, "{kind}");
        }
        let open = Error::new(ErrorKind::UpstreamUnavailable, "x").with_rule("circuit_open");
        assert_eq!(outcome_of(&open), Outcome::Halted, "nothing was sent");
    }

    #[test]
    fn lines_are_bounded() {
        let counts = Counts::default();
        let key = |i: usize| CallKey {
            connection: "c".into(),
            action: format!("a{i}"),
            hour: Timestamp::UNIX_EPOCH,
            outcome: Outcome::Success,
            kind: String::new(),
        };
        for i in 0..MAX_KEYS + 100 {
            counts.add(key(i), Timestamp::UNIX_EPOCH);
        }
        let lines = counts.take();
        assert_eq!(lines.len(), MAX_KEYS + 1);
        let other = lines.iter().find(|l| l.key.action == OTHER);
        assert_eq!(other.map(|l| l.count), Some(100));
        assert!(counts.take().is_empty());
    }
}
