//! The guarded transport: fills the request, has it judged, sends it once, reads the answer up to the caps.
//!
//! What must not be here: redirects, retries and budgets. A 3xx is handed back as it is.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use connector_core::{
    Error, ErrorKind, FieldError, Request, Response, Result, Transport, hosts::is_declared, request::Filled,
    transport::CallContext,
};
use tracing::{Instrument, Span, field::Empty};

use crate::{
    body::{Sent, Watched},
    builder::HttpTransportBuilder,
    cancel::cancelled,
    client::Clients,
    decode::{BodyFault, Decoder},
    fault::{self, Place},
    guard::{Allow, Policy, Rule, Target},
    head,
    resolve::admit,
};

/// Guarded egress: what every call of the gateway leaves by.
///
/// - The host must be among [`CallContext::hosts`] (unless the service itself gave the URL), the scheme https, the port
///   443 or 80, and **every** address that the name stands for public; the allow-list opens more for all, and
///   [`CallContext::networks`] for one connection. The connection goes to exactly the addresses that were judged, and is
///   kept for calls under the same policy alone. See [`guard`](crate::guard).
/// - One request, one answer: no redirect is followed, no proxy asked, nothing repeated.
/// - The whole call has [`CallContext::timeout`], its silences the builder's idle timeout. The body has
///   [`CallContext::max_response_bytes`] after decompression and may not swell beyond measure, the head
///   [`MAX_HEADERS`](crate::MAX_HEADERS) lines of [`MAX_HEADER_BYTES`](crate::MAX_HEADER_BYTES) together. Nothing is read
///   beyond a cap.
/// - The answer's status says nothing here: an HTTP error is an answer. Echoes of secrets are cut out of it by
///   [`Cx::send`](connector_core::Cx::send), for every transport alike.
/// - Errors say whether the request may have been carried out: [`RetryAdvice`](connector_core::RetryAdvice) is `Safe` as
///   long as nothing was sent, `Ambiguous` afterwards, `Never` when the guard refused.
pub struct HttpTransport {
    policy: Arc<Policy>,
    clients: Clients,
    idle_timeout: Duration,
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpTransport").field("policy", &self.policy).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let span = tracing::info_span!(
            "http_call",
            connector = %context.connector,
            connection = %context.connection,
            endpoint = request.endpoint_name(),
            method = %request.method(),
            trace_id = %context.trace,
            host = Empty,
            status = Empty,
            bytes = Empty,
            duration_ms = Empty,
        );
        let started = Instant::now();
        let result = self.bounded(request, context).instrument(span.clone()).await;
        span.record("duration_ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        match &result {
            Ok(r) => {
                span.record("status", r.status.as_u16());
                span.record("bytes", r.body.len());
                span.in_scope(|| tracing::debug!("answered"));
            }
            Err(e) => {
                if let Some(status) = e.status() {
                    span.record("status", status);
                }
                span.in_scope(|| tracing::debug!(kind = %e.kind(), error = %e, "failed"));
            }
        }
        result.map_err(|e| e.with_connector(context.connector.to_string()))
    }
}

/// How far a call has come, for the error if it is cut off.
#[derive(Default)]
struct Progress {
    sent: Sent,
    place: Mutex<Option<Place>>,
}

impl HttpTransport {
    /// Begins a transport that reaches public addresses only.
    pub fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder::new()
    }

    pub(crate) fn new(policy: Policy, clients: Clients, idle_timeout: Duration) -> Self {
        Self { policy: Arc::new(policy), clients, idle_timeout }
    }

    async fn bounded(&self, request: Request, context: &CallContext) -> Result<Response> {
        let progress = Progress::default();
        tokio::select! {
            biased;
            () = cancelled(&context.cancel) => Err(Error::new(ErrorKind::Cancelled, "the call was cancelled")),
            () = tokio::time::sleep(context.timeout) => {
                let place = progress.place.lock().unwrap_or_else(PoisonError::into_inner);
                Err(fault::timed_out(progress.sent.get(), context.timeout, place.as_ref()))
            }
            () = silent(&progress.sent, self.idle_timeout) => {
                let place = progress.place.lock().unwrap_or_else(PoisonError::into_inner);
                Err(fault::silent(progress.sent.get(), self.idle_timeout, place.as_ref()))
            }
            result = self.exchange(request, context, &progress) => result,
        }
    }

    async fn exchange(&self, request: Request, context: &CallContext, progress: &Progress) -> Result<Response> {
        let secret_url = request.url().is_none();
        let filled = request.fill(&*context.secrets).await?;

        let place = || match filled.url.host_str() {
            Some(host) if !secret_url => Place::Host(host.to_owned()),
            _ => Place::Secret,
        };
        if let Place::Host(host) = place() {
            Span::current().record("host", host);
        }
        let policy = self.policy_for(context)?;
        let target = judge(&policy, &filled, context, &place())?;
        head::check_own(&filled)?;
        *progress.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place());

        let (place, port) = (place(), target.port);
        let client = self.clients.get(policy, target.https, port)?;
        let started = Instant::now();
        let sent = &progress.sent;
        let fail = |e: reqwest::Error| fault::client(e, &place, port, sent.get(), started.elapsed());

        sent.moved();
        let mut answer = client.execute(outgoing(filled, sent)).await.map_err(fail)?;
        // Whoever answers has seen the request, even if it did not wait for the body.
        sent.mark();
        let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        if !head::keeps_caps(&headers) {
            return Err(fault::head_too_large(&place).with_status(status.as_u16()));
        }
        let cap = context.max_response_bytes;
        let refused = |f| fault::body(f, cap, &place).with_status(status.as_u16());
        if answer.content_length().is_some_and(|n| n > cap as u64) {
            return Err(refused(BodyFault::TooLarge));
        }
        let mut decoder = Decoder::of(&headers, cap);
        while let Some(chunk) = answer.chunk().await.map_err(fail)? {
            sent.moved();
            decoder.feed(&chunk).map_err(refused)?;
        }
        let body = decoder.end(&mut headers).map_err(refused)?;
        Ok(Response { status, headers, body })
    }

    /// What this call may reach: what is open to all, and the networks of its connection.
    fn policy_for(&self, context: &CallContext) -> Result<Arc<Policy>> {
        if context.networks.is_empty() {
            return Ok(self.policy.clone());
        }
        let read = |(i, text): (usize, &String)| {
            text.parse::<Allow>().map_err(|e| {
                Error::misconfigured(format!("the connection's networks: {e}"))
                    .with_fields([FieldError::new(format!("/networks/{i}"), e.to_string())])
            })
        };
        let own = context.networks.iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(self.policy.with(own)))
    }
}

/// Everything that can be judged before a name is resolved.
fn judge(policy: &Policy, filled: &Filled, context: &CallContext, place: &Place) -> Result<Target> {
    let refused = |rule, ip, port| fault::refused(rule, ip, port, place);
    let port = filled.url.port_or_known_default().unwrap_or_default();
    let target = Target::of(&filled.url).map_err(|rule| refused(rule, None, port))?;
    let host = filled.url.host_str().unwrap_or_default();
    if !filled.given_by_service && !is_declared(host, &context.hosts) {
        return Err(refused(Rule::HostNotDeclared, None, port));
    }
    // The client's resolver never sees an address that is written in the URL.
    match target.literal() {
        Some(ip) => admit(policy, ip, port, target.https).map_err(|rule| refused(rule, Some(ip), port))?,
        None => policy.judge_name(host, port, target.https).map_err(|rule| refused(rule, None, port))?,
    }
    Ok(target)
}

fn outgoing(filled: Filled, sent: &Sent) -> reqwest::Request {
    let mut out = reqwest::Request::new(filled.method, filled.url);
    *out.headers_mut() = filled.headers;
    head::ask_for_gzip(out.headers_mut());
    if filled.body.is_empty() {
        sent.mark();
    } else {
        *out.body_mut() = Some(reqwest::Body::wrap(Watched::new(filled.body, sent.clone())));
    }
    out
}

/// Ends when no byte has moved for so long.
async fn silent(sent: &Sent, most: Duration) {
    while let Some(left) = most.checked_sub(sent.still()).filter(|left| !left.is_zero()) {
        tokio::time::sleep(left).await;
    }
}
