//! How connections fare: calls counted, credentials checked, states judged, what is dead switched off, and all of it told.
//!
//! What lives here: the numbers (`counts`), the rules as pure functions (`judge`), checks (`check`), changes of state
//! and switching (`change`), what is told of them (`events`), and reports (`report`). What must not: calling actions,
//! and retrying.

mod change;
mod check;
mod counts;
mod events;
mod judge;
mod report;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use jackfield_store::HealthState;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch as channel;
use uuid::Uuid;

pub(crate) use events::TYPES;
pub use events::{DISABLED, ENABLED, GATEWAY, HEALTH_CHANGED, event_schemas};
pub use report::{
    ActionCounts, Affected, AuthHealth, ConnectionHealth, Feeds, HealthDetail, HourCounts, LastFailure, Sums,
};

/// How long counts of calls are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// When the gateway switches a connection off by itself.
#[derive(Debug, Clone)]
pub struct Disabling {
    /// When the service says that the account or the app is gone, or that the credentials were taken back.
    pub fatal: bool,
    /// When nothing but failures was seen on seven days: none of its calls succeeded since the first of them.
    pub week_of_failures: bool,
    /// So many failures there must be at least for that.
    pub failures: u64,
}

impl Default for Disabling {
    fn default() -> Self {
        Self { fatal: true, week_of_failures: true, failures: 10 }
    }
}

impl Disabling {
    /// Never.
    pub fn off() -> Self {
        Self { fatal: false, week_of_failures: false, ..Self::default() }
    }
}

/// What the engine holds of health in memory.
pub(crate) struct Vitals {
    counts: counts::Counts,
    /// One change at a time; the id of the last event that told of one.
    turn: tokio::sync::Mutex<Option<Uuid>>,
    /// The same id, for those who wait for the next.
    told: channel::Sender<Option<Uuid>>,
    /// What connections were when last looked at: those that are well and stay so need no second look.
    states: Mutex<BTreeMap<String, HealthState>>,
    /// Connections being checked or described in the background.
    busy: Mutex<BTreeSet<String>>,
    /// When this process began: what was not checked while none ran is not checked all at once.
    began: Timestamp,
}

impl Vitals {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            counts: counts::Counts::default(),
            turn: tokio::sync::Mutex::default(),
            told: channel::Sender::new(None),
            states: Mutex::default(),
            busy: Mutex::default(),
            began: now,
        }
    }

    fn state(&self, connection: &str) -> Option<HealthState> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).get(connection).copied()
    }

    fn remember(&self, connection: &str, state: HealthState) {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.to_owned(), state);
    }

    fn forget_all_but(&self, known: impl Fn(&str) -> bool) {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| known(id));
    }

    /// Marks a connection as being worked on; none if it is already.
    fn begin(&self, connection: &str) -> Option<Working<'_>> {
        let fresh = self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.to_owned());
        fresh.then(|| Working { vitals: self, connection: connection.to_owned() })
    }
}

struct Working<'a> {
    vitals: &'a Vitals,
    connection: String,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.vitals.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.connection);
    }
}

/// So long before now.
fn before(now: Timestamp, age: SignedDuration) -> Timestamp {
    now.saturating_sub(age).unwrap_or(Timestamp::MIN)
}

/// The start of the hour.
fn hour_of(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(3600)).unwrap_or(at)
}

/// The start of the UTC day.
fn day_of(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(86_400)).unwrap_or(at)
}
