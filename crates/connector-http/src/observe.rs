//! What can be seen of the way out from outside: metrics, and the signals that services give about their own API.
//!
//! What lives here: [`Observed`], a layer around a transport. Around the transport itself it counts every request that is
//! made; around retries it would count calls. What must not: deciding anything, and any label whose values come from
//! outside. Label sets are bounded by what is compiled in: connectors, their endpoints, statuses, rules.
//!
//! | metric | labels | what |
//! |---|---|---|
//! | [`REQUESTS`] | `connector`, `endpoint`, `status` | requests; the status is `2xx` to `5xx`, or the kind of error where there was no answer |
//! | [`SECONDS`] | `connector` | how long they took, from slots to last byte |
//! | [`RESPONSE_BYTES`] | `connector` | how large the answers were, decompressed |
//! | [`REFUSALS`] | `connector`, `rule` | requests that the guard refused |

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use connector_core::{
    Clock, Request, Response, Result, SecretSlot, Transport, scrub,
    signal::{SignalSink, UpstreamSignal},
    transport::CallContext,
};
use metrics::{SharedString, Unit, counter, describe_counter, describe_histogram, histogram};

use crate::{clock::SystemClock, drift::Asked};

/// Requests that were made.
pub const REQUESTS: &str = "jackfield_egress_requests_total";
/// How long requests took, in seconds.
pub const SECONDS: &str = "jackfield_egress_seconds";
/// How large answers were, in bytes.
pub const RESPONSE_BYTES: &str = "jackfield_egress_response_bytes";
/// Requests that the guard refused.
pub const REFUSALS: &str = "jackfield_egress_refusals_total";

/// The endpoint of requests that neither name one nor belong to an action, such as a validator's.
const NO_ENDPOINT: &str = "none";

/// A transport whose requests are counted. Metrics go to the recorder of the `metrics` crate, or nowhere while none is
/// installed; install it before this is made, so that it gets the metrics' descriptions.
pub struct Observed<T> {
    inner: T,
    signals: Option<Arc<dyn SignalSink>>,
    clock: Arc<dyn Clock>,
}

impl<T: Transport> Observed<T> {
    /// The transport with metrics.
    pub fn new(inner: T) -> Self {
        describe_counter!(REQUESTS, "Requests to services");
        describe_counter!(REFUSALS, "Requests that the egress guard refused");
        describe_histogram!(SECONDS, Unit::Seconds, "How long requests to services took");
        describe_histogram!(RESPONSE_BYTES, Unit::Bytes, "How large the answers of services were");
        Self { inner, signals: None, clock: Arc::new(SystemClock) }
    }

    /// Also hands on what services announce about their own API.
    #[must_use]
    pub fn signals(mut self, sink: Arc<dyn SignalSink>) -> Self {
        self.signals = Some(sink);
        self
    }

    /// Whose time signals bear; the machine's unless told.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

#[async_trait]
impl<T: Transport> Transport for Observed<T> {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let endpoint = endpoint(&request, context);
        let watched = self.signals.as_deref().map(|sink| (sink, Asked::of(&request), request.slots().to_vec()));
        let began = Instant::now();
        let result = self.inner.send(request, context).await;
        count(context, endpoint.clone(), &result, began.elapsed());
        if let (Some((sink, asked, slots)), Ok(answer)) = (watched, &result) {
            self.announce(sink, context, &endpoint, &slots, asked.announced(answer)).await;
        }
        result
    }
}

impl<T> Observed<T> {
    async fn announce(
        &self,
        sink: &dyn SignalSink,
        context: &CallContext,
        endpoint: &str,
        slots: &[SecretSlot],
        found: Vec<(connector_core::signal::SignalKind, String)>,
    ) {
        if found.is_empty() {
            return;
        }
        let (kinds, values): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        // Here the answer is still as it came, and it may echo what the request carried.
        let values = scrub::clean(&context.secrets, slots, values).await;
        let now = self.clock.now();
        for (kind, value) in kinds.into_iter().zip(values) {
            sink.signal(UpstreamSignal::new(&context.connector, endpoint, kind, &value), now);
        }
    }
}

/// The name that the connector gives the endpoint, else the action's: never a part of a URL.
fn endpoint(request: &Request, context: &CallContext) -> SharedString {
    match (request.endpoint_name(), &*context.action) {
        ("", "") => SharedString::const_str(NO_ENDPOINT),
        ("", _) => SharedString::from(context.action.clone()),
        (name, _) => SharedString::const_str(name),
    }
}

fn count(context: &CallContext, endpoint: SharedString, result: &Result<Response>, took: Duration) {
    let connector = || SharedString::from(context.connector.clone());
    let status = match result {
        Ok(answer) => class(answer.status.as_u16()),
        Err(e) => e.kind().as_str(),
    };
    counter!(REQUESTS, "connector" => connector(), "endpoint" => endpoint, "status" => status).increment(1);
    histogram!(SECONDS, "connector" => connector()).record(took.as_secs_f64());
    match result {
        Ok(answer) => histogram!(RESPONSE_BYTES, "connector" => connector()).record(answer.body.len() as f64),
        Err(e) => {
            if let Some(rule) = e.rule() {
                counter!(REFUSALS, "connector" => connector(), "rule" => rule).increment(1);
            }
        }
    }
}

fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        500..=599 => "5xx",
        _ => "other",
    }
}
