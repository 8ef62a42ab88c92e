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
/// A host that nothing was learnt of for so long is as one that never failed.
const IDLE: Duration = Duration::from_secs(600);
/// Most hosts that are remembered at once: addresses come from connections and from answers, so their number is not ours.
const MOST_CIRCUITS: usize = 10_000;

/// What is known of a host, and since when.
#[derive(Debug, Clone, Copy)]
struct Known {
    circuit: Circuit,
    since: Instant,
}

#[derive(Debug, Clone, Copy)]
enum Circuit {
    /// Calls go through; so many failed in a row.
    Closed { failures: u32 },
    /// Nothing goes through until then.
    Open { until: Instant, rest: Duration },
    /// One call is under way that decides.
    Probing { rest: Duration },
}

/// A transport that leaves a host alone that fails again and again.
///
/// A failure is a connection that cannot be made or breaks, a timeout, or a 5xx other than 501 and than a 503 that says
/// when to come back. Refused calls never leave, and say how long the host rests.
pub struct Breaker {
    inner: Arc<dyn Transport>,
    /// Only hosts whose last call failed: the others need no memory.
    circuits: Mutex<HashMap<String, Known>>,
}

/// A call on its way. One that is dropped before it ends, since its caller went away, says nothing of the host: if it was the
/// probe, the next call is.
struct Visit<'a> {
    breaker: &'a Breaker,
    key: String,
    /// When it began to be the host's probe, if it is.
    probe: Option<Instant>,
}

impl Visit<'_> {
    fn end(mut self, failed: Option<bool>) {
        let probe = self.probe.take();
        self.breaker.leave(&self.key, probe, failed);
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if self.probe.is_some() {
            self.breaker.leave(&self.key, self.probe, None);
        }
    }
}

impl Breaker {
    /// Wraps a transport.
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self { inner, circuits: Mutex::default() }
    }

    /// Lets the call through, as a probe perhaps, or says how long the host rests.
    fn enter(&self, key: String, longest: Duration) -> Result<Visit<'_>, Duration> {
        let now = Instant::now();
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let probe = match circuits.get_mut(&key) {
            None => None,
            Some(known) => match known.circuit {
                Circuit::Closed { .. } => None,
                Circuit::Open { until, .. } if until > now => return Err(until - now),
                // A probe that nobody drives any more decides nothing; after the longest that it may take, another one goes.
                Circuit::Probing { .. } if known.since + longest > now => return Err(Duration::from_secs(1)),
                Circuit::Open { rest, .. } | Circuit::Probing { rest } => {
                    *known = Known { circuit: Circuit::Probing { rest }, since: now };
                    Some(now)
                }
            },
        };
        Ok(Visit { breaker: self, key, probe })
    }

    /// Notes how a call ended: whether it failed, if it says anything of the host.
    fn leave(&self, key: &str, probe: Option<Instant>, failed: Option<bool>) {
        let now = Instant::now();
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let was = circuits.get(key).copied().filter(|known| now - known.since <= IDLE);
        let decides = |since| probe == Some(since);
        let next = match (failed, was) {
            (Some(false), was) => {
                if was.is_some_and(|known| !matches!(known.circuit, Circuit::Closed { .. })) {
                    tracing::info!(host = key, "the host answers again");
                }
                circuits.remove(key);
                return;
            }
            (None, Some(Known { circuit: Circuit::Probing { rest }, since })) if decides(since) => {
                Circuit::Open { until: now, rest }
            }
            (Some(true), Some(Known { circuit: Circuit::Probing { rest }, since })) if decides(since) => {
                let rest = (rest * 2).min(LONGEST_REST);
                Circuit::Open { until: now + rest, rest }
            }
            (Some(true), None) => Circuit::Closed { failures: 1 },
            (Some(true), Some(Known { circuit: Circuit::Closed { failures }, .. })) => {
                failed_again(key, failures + 1, now)
            }
            (Some(true) | None, _) => return,
        };
        if !circuits.contains_key(key) {
            forget(&mut circuits, now);
        }
        circuits.insert(key.to_owned(), Known { circuit: next, since: now });
    }
}

fn failed_again(host: &str, failures: u32, now: Instant) -> Circuit {
    if failures < FAILURES {
        return Circuit::Closed { failures };
    }
    tracing::warn!(host, rests_s = FIRST_REST.as_secs(), "the host failed {failures} times in a row");
    Circuit::Open { until: now + FIRST_REST, rest: FIRST_REST }
}

/// Makes room for one more: what is idle goes anyway, then hosts that calls still go to, then whatever is oldest.
fn forget(circuits: &mut HashMap<String, Known>, now: Instant) {
    circuits.retain(|_, known| now - known.since <= IDLE);
    if circuits.len() >= MOST_CIRCUITS {
        circuits.retain(|_, known| !matches!(known.circuit, Circuit::Closed { .. }));
    }
    while circuits.len() >= MOST_CIRCUITS {
        let Some(oldest) = circuits.iter().min_by_key(|(_, known)| known.since).map(|(key, _)| key.clone()) else {
            return;
        };
        circuits.remove(&oldest);
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
    .unsent()
}

#[async_trait]
impl Transport for Breaker {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let key = key(&request, context);
        let longest = context.timeout + context.longest_wait;
        let visit = self.enter(key, longest).map_err(|after| resting(context, after))?;
        let outcome = self.inner.send(request, context).await;
        visit.end(failed(&outcome));
        outcome
    }
}

#[cfg(test)]
mod tests;
