//! A circuit breaker for each host: what fails again and again is left alone for a while, then tried with one call.
//!
//! What lives here: the layer and its states. What must not: retries.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{Error, ErrorKind, Request, Response, Result, RetryAdvice, Transport, transport::CallContext};
use tokio::time::Instant;

/// Failures in a row after which a host is left alone.
const FAILURES: u32 = 10;
/// How long, the first time; it doubles with each probe that fails.
const FIRST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy)]
enum Circuit {
    /// Calls go through; so many failed in a row.
    Closed { failures: u32 },
    /// Nothing goes through until then.
    Open { until: Instant, rest: Duration },
    /// One call is under way that decides.
    Probing { since: Instant, rest: Duration },
}

/// A transport that leaves a host alone that fails again and again.
///
/// A failure is a connection that cannot be made or breaks, a timeout, or a 5xx other than 501 and than a 503 that says
/// when to come back. Refused calls never leave, and say how long the host rests.
pub struct Breaker {
    inner: Arc<dyn Transport>,
    /// Only hosts whose last call failed: the others need no memory.
    circuits: Mutex<HashMap<String, Circuit>>,
}

impl Breaker {
    /// Wraps a transport.
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self { inner, circuits: Mutex::default() }
    }

    /// Lets the call through, as a probe perhaps, or says how long the host rests.
    fn enter(&self, key: &str, longest: Duration) -> Result<bool, Duration> {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(circuit) = circuits.get_mut(key) else { return Ok(false) };
        let now = Instant::now();
        match *circuit {
            Circuit::Closed { .. } => Ok(false),
            Circuit::Open { until, .. } if until > now => Err(until - now),
            // A probe whose caller went away decides nothing; after the longest that it may take, another one goes.
            Circuit::Probing { since, .. } if since + longest > now => Err(Duration::from_secs(1)),
            Circuit::Open { rest, .. } | Circuit::Probing { rest, .. } => {
                *circuit = Circuit::Probing { since: now, rest };
                Ok(true)
            }
        }
    }

    fn leave(&self, key: String, probe: bool, failed: Option<bool>) {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match (failed, circuits.get(&key).copied()) {
            (Some(false), None) => {}
            (Some(false), Some(was)) => {
                if !matches!(was, Circuit::Closed { .. }) {
                    tracing::info!(host = key, "the host answers again");
                }
                circuits.remove(&key);
            }
            // It says nothing of the host: the next call probes.
            (None, Some(Circuit::Probing { rest, .. })) if probe => {
                circuits.insert(key, Circuit::Open { until: now, rest });
            }
            (None, _) => {}
            (Some(true), Some(Circuit::Probing { rest, .. })) if probe => {
                let rest = (rest * 2).min(LONGEST_REST);
                circuits.insert(key, Circuit::Open { until: now + rest, rest });
            }
            (Some(true), Some(Circuit::Open { .. } | Circuit::Probing { .. })) => {}
            (Some(true), was) => {
                let failures = match was {
                    Some(Circuit::Closed { failures }) => failures + 1,
                    _ => 1,
                };
                let next = if failures < FAILURES {
                    Circuit::Closed { failures }
                } else {
                    tracing::warn!(
                        host = key,
                        rests_s = FIRST_REST.as_secs(),
                        "the host failed {failures} times in a row"
                    );
                    Circuit::Open { until: now + FIRST_REST, rest: FIRST_REST }
                };
                circuits.insert(key, next);
            }
        }
    }
}

/// Whether an outcome is the host's failure; `None` when it says nothing of the host.
fn failed(outcome: &Result<Response>) -> Option<bool> {
    match outcome {
        Ok(r) => match r.status.as_u16() {
            501 => Some(false),
            503 if r.header("retry-after").is_some() => None,
            status => Some(status >= 500),
        },
        Err(e) => match e.kind() {
            ErrorKind::UpstreamUnavailable | ErrorKind::Timeout => Some(true),
            // It answered, though not well.
            ErrorKind::Protocol => Some(false),
            _ => None,
        },
    }
}

/// What is judged together. A secret URL's host is not known here; its connection stands for it.
fn key(request: &Request, context: &CallContext) -> String {
    match request.url() {
        Some(url) => url.origin().ascii_serialization(),
        None => format!("{}/{}", context.connector, context.connection),
    }
}

fn resting(context: &CallContext, after: Duration) -> Error {
    metrics::counter!("jackfield_breaker_refusals_total", "connector" => context.connector.to_string()).increment(1);
    let seconds = after.as_secs_f64().ceil();
    Error::new(
        ErrorKind::UpstreamUnavailable,
        format!("the service failed many times in a row and is left alone for a while; try again in {seconds} s"),
    )
    .with_retry(RetryAdvice::Safe { after: Some(after) })
    .with_operator(format!("the circuit of the host is open for another {seconds} s; nothing was sent"))
    .with_rule("circuit_open")
    .with_connector(context.connector.to_string())
}

#[async_trait]
impl Transport for Breaker {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let key = key(&request, context);
        let longest = context.timeout + context.longest_wait;
        let probe = self.enter(&key, longest).map_err(|after| resting(context, after))?;
        let outcome = self.inner.send(request, context).await;
        self.leave(key, probe, failed(&outcome));
        outcome
    }
}

#[cfg(test)]
mod tests;
