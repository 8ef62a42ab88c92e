//! The outside world as a connector sees it: transport, clock, cancellation.
//!
//! What lives here: the traits. What must not: any implementation that does I/O or reads a wall clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    budget::{BudgetUse, Class},
    cx::{DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_TIMEOUT},
    error::Result,
    request::{Request, Response},
    secret::{SecretMap, SecretSource},
    trace::TraceId,
};

/// What a transport gets besides the request: who calls, what it may reach, how long it may take.
#[derive(Clone)]
pub struct CallContext {
    /// The connector's id.
    pub connector: Arc<str>,
    /// The connection's id; empty when an application calls without one.
    pub connection: Arc<str>,
    /// The action's name, for logs and metrics; empty where no action calls.
    pub action: Arc<str>,
    /// The budgets that its requests use.
    pub budgets: Arc<[BudgetUse]>,
    /// How urgent it is.
    pub class: Class,
    /// How long it may wait for its turn in its budgets. The time waited does not count for `timeout`.
    pub longest_wait: Duration,
    /// Internal networks that this connection may reach beside those that are open to all: see the transport's own
    /// allow-list for the form.
    pub networks: Arc<[String]>,
    /// Hosts that the call may reach, resolved from the connector's declaration: exact names or `*.example.com`.
    pub hosts: Arc<[String]>,
    /// Fills the request's slots.
    pub secrets: Arc<dyn SecretSource>,
    /// Total time for the call, from start to last byte.
    pub timeout: Duration,
    /// Most bytes of response body after decompression.
    pub max_response_bytes: usize,
    /// The trace this call belongs to.
    pub trace: TraceId,
    /// Tells when the caller gave up.
    pub cancel: Cancel,
}

impl CallContext {
    /// A call for which nothing is told but who calls and where it may go: no connection, no secrets, no budgets, and the
    /// usual limits.
    pub fn new(connector: &str, hosts: Vec<String>, trace: TraceId) -> Self {
        Self {
            connector: connector.into(),
            connection: "".into(),
            action: "".into(),
            budgets: Arc::new([]),
            class: Class::default(),
            longest_wait: Class::default().longest_wait(),
            networks: Arc::new([]),
            hosts: hosts.into(),
            secrets: Arc::new(SecretMap::new()),
            timeout: DEFAULT_TIMEOUT,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            trace,
            cancel: Cancel::new(),
        }
    }
}

/// Sends requests. The gateway's is guarded egress; tests use a replay of fixtures.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one request and reads its answer.
    ///
    /// # Errors
    /// `Refused` by the guard, `Timeout`, `UpstreamUnavailable`, `Misconfigured` (a secret is missing). An HTTP error
    /// status is not an error here: connectors judge it, see [`crate::status`].
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response>;
}

/// Tells the time. Core has no clock of its own, so that replay and tests decide what time it is.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still: for replay and tests.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A flag that the caller raises to give up, or to wait no longer; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicU8>);

const HURRIED: u8 = 1;
const CANCELLED: u8 = 2;

impl Cancel {
    /// Not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises it, for good: whatever is under way ends.
    pub fn cancel(&self) {
        self.0.fetch_max(CANCELLED, Ordering::AcqRel);
    }

    /// Whether it was raised.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire) >= CANCELLED
    }

    /// Ends waiting, for good: what was sent may end as it does, but nobody waits for a turn or before a repetition any
    /// more. For a process that stops.
    pub fn hurry(&self) {
        self.0.fetch_max(HURRIED, Ordering::AcqRel);
    }

    /// Whether nothing should be waited for.
    pub fn is_hurried(&self) -> bool {
        self.0.load(Ordering::Acquire) >= HURRIED
    }
}
