//! The outside world as a connector sees it: transport, clock, cancellation.
//!
//! What lives here: the traits. What must not: any implementation that does I/O or reads a wall clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    error::Result,
    request::{Request, Response},
    secret::SecretSource,
    trace::TraceId,
};

/// What a transport gets besides the request: who calls, what it may reach, how long it may take.
#[derive(Clone)]
pub struct CallContext {
    /// The connector's id.
    pub connector: Arc<str>,
    /// The connection's id; empty when an application calls without one.
    pub connection: Arc<str>,
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

/// A flag that the caller raises to give up; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises it, for good.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was raised.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
