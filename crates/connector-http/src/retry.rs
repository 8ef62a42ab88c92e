//! Repeats calls that failed, as far as the action allows: a layer around every action.
//!
//! What lives here: the layer, its pauses and its patience. What must not: which failures may be repeated; that is one
//! table, [`connector_core::retry::Next`].

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use connector_core::{
    BoxFuture, Cx, Error, ErrorKind, Idempotency, Result, TraceId, action::Invoke, connector::Layer, info::ActionInfo,
    retry::Next,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::cancel::hurried;

/// How long and how often a call is repeated.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Attempts in all; 4 unless told.
    pub attempts: u32,
    /// The first pause; it doubles each time, and the real one is anything from nothing to that (full jitter). 250 ms
    /// unless told.
    pub first_pause: Duration,
    /// The longest such pause; 8 s unless told.
    pub longest_pause: Duration,
    /// No attempt begins later than this after the first; a pause that the service asks for and that goes beyond it ends
    /// the call, with that pause in its advice. 30 s unless told.
    pub deadline: Duration,
    /// The pause before a call of unknown outcome is looked for, and once more before it counts as not done: a service that
    /// was cut off may still be at it. It is taken whatever the deadline is. 1 s unless told.
    pub settling: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(8),
            deadline: Duration::from_secs(30),
            settling: Duration::from_secs(1),
        }
    }
}

impl RetryPolicy {
    /// The layer, for [`Registry::layered`](connector_core::Registry::layered) or
    /// [`Connector::layered`](connector_core::Connector::layered).
    pub fn layer(self) -> Layer {
        Arc::new(move |inner| Arc::new(Retrying { inner, policy: self }))
    }

    fn pause(&self, repeated: u32) -> Duration {
        let most = self.first_pause.saturating_mul(1 << repeated.min(16)).min(self.longest_pause);
        most.mul_f64(random())
    }
}

/// Anything from 0 to 1. Every `RandomState` has keys of its own, which is all the chance that jitter needs.
fn random() -> f64 {
    (RandomState::new().hash_one(0) >> 11) as f64 / (1_u64 << 53) as f64
}

/// How often a call of unknown outcome is not found before it counts as not done.
const LOOKS: u32 = 2;

struct Retrying {
    inner: Arc<dyn Invoke>,
    policy: RetryPolicy,
}

impl Retrying {
    async fn run(&self, cx: &Cx, input: Value) -> Result<Value> {
        let info = self.inner.info();
        // Without a key that stays the same, a repetition could not be recognized.
        let keyed = info.idempotency == Idempotency::Keyed && cx.idempotency_key().is_none();
        let cx = &if keyed { cx.with_idempotency_key(&TraceId::new(cx.now()).to_string()) } else { cx.clone() };
        let began = Instant::now();
        let mut repeated = 0;
        loop {
            let error = match self.inner.invoke(cx, input.clone()).await {
                Ok(output) => return Ok(output),
                Err(e) => e,
            };
            let after = match Next::for_action(info, cx.idempotency_key().is_some(), &error) {
                Next::Repeat(after) => after,
                Next::LookFirst => match self.look(cx, &input, &began).await {
                    Looked::Done(output) => return Ok(output),
                    // Who ran out of time may have it done any time yet, however often it is looked for.
                    Looked::NotDone if info.finds_at_once && error.kind() != ErrorKind::Timeout => None,
                    Looked::NotDone | Looked::Unknown => return Err(told(error, repeated)),
                },
                Next::Park | Next::Fail => return Err(told(error, repeated)),
            };
            // What the service asks for is the least; the jitter keeps those apart that were refused together.
            let pause = after.unwrap_or_default() + self.policy.pause(repeated);
            repeated += 1;
            if repeated >= self.policy.attempts || began.elapsed() + pause > self.policy.deadline {
                return Err(told(error, repeated - 1));
            }
            metrics::counter!(
                "jackfield_retries_total",
                "connector" => info.connector.clone(),
                "action" => info.name.clone(),
                "kind" => error.kind().as_str(),
            )
            .increment(1);
            tracing::debug!(
                trace_id = %cx.trace(), action = info.name, kind = %error.kind(), pause_ms = pause.as_millis(),
                "repeated"
            );
            if !wait(cx, pause).await {
                return Err(given_up(cx, told(error, repeated - 1)));
            }
        }
    }

    /// Looks whether the call was done: after a pause, since the service may still be at it, and once more after another
    /// before it says that it was not. Who has no time to wait any more gets one look, whose yes counts and whose no does
    /// not.
    async fn look(&self, cx: &Cx, input: &Value, began: &Instant) -> Looked {
        for _ in 0..LOOKS {
            let settled = wait(cx, self.policy.settling).await;
            match self.look_once(cx, input, began).await {
                Looked::NotDone if settled => {}
                Looked::NotDone => return Looked::Unknown,
                known => return known,
            }
        }
        Looked::NotDone
    }

    /// Looking reads only, so it is repeated as such.
    async fn look_once(&self, cx: &Cx, input: &Value, began: &Instant) -> Looked {
        for repeated in 0..self.policy.attempts {
            match self.inner.find(cx, input.clone()).await {
                Ok(Some(output)) => return Looked::Done(output),
                Ok(None) => return Looked::NotDone,
                Err(e) => {
                    let Next::Repeat(after) = Next::of(Idempotency::Natural, false, &e) else { return Looked::Unknown };
                    let pause = after.unwrap_or_default() + self.policy.pause(repeated);
                    if began.elapsed() + pause > self.policy.deadline || !wait(cx, pause).await {
                        return Looked::Unknown;
                    }
                }
            }
        }
        Looked::Unknown
    }
}

enum Looked {
    Done(Value),
    NotDone,
    Unknown,
}

/// Waits; false when that is given up.
async fn wait(cx: &Cx, pause: Duration) -> bool {
    tokio::select! {
        biased;
        () = hurried(&cx.call_context().cancel) => false,
        () = tokio::time::sleep(pause) => true,
    }
}

/// How a call ends that nobody waits for: as its last attempt did, unless its caller gave up for good.
fn given_up(cx: &Cx, last: Error) -> Error {
    if cx.call_context().cancel.is_cancelled() {
        Error::new(ErrorKind::Cancelled, "the call was cancelled before it was repeated")
    } else {
        last
    }
}

/// The error as it ends the call; operators are told that it was tried more than once.
fn told(error: Error, repeated: u32) -> Error {
    if repeated == 0 {
        return error;
    }
    let text = format!("{} (the last of {} attempts)", error.operator_text(), repeated + 1);
    error.with_operator(text)
}

impl Invoke for Retrying {
    fn info(&self) -> &Arc<ActionInfo> {
        self.inner.info()
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(self.run(cx, input))
    }

    fn find<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Option<Value>>> {
        self.inner.find(cx, input)
    }
}

#[cfg(test)]
mod tests;
