//! The guarded transport: fills the request, has it judged, sends it once, reads the answer up to the cap.
//!
//! What must not be here: redirects, retries and budgets. A 3xx is handed back as it is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::BytesMut;
use connector_core::{
    Cancel, Error, ErrorKind, Request, Response, Result, Transport, request::Filled, transport::CallContext,
};
use http::{HeaderValue, Method, header};
use reqwest::{Client, redirect::Policy as Redirects};
use rustls::{ClientConfig, crypto::CryptoProvider};
use rustls_platform_verifier::Verifier;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    body::{Sent, Watched},
    fault::{self, Place},
    guard::{self, Allow, Policy, Rule, Target},
    resolve::{Guarded, Resolver, SystemResolver},
};

/// What the gateway calls itself unless it is told otherwise or the connector sets the header.
pub const USER_AGENT: &str = concat!("jackfield/", env!("CARGO_PKG_VERSION"));
/// Most time for name, connection and TLS together; the call's own timeout counts on.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An unused connection is kept this long. It stays at the address that was judged, so this bounds a stale answer too.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How often the caller's flag is looked at.
const CANCEL_POLL: Duration = Duration::from_millis(20);
/// Ports open by the allow-list could each have their client; beyond this many, all are made anew.
const MAX_CLIENTS: usize = 64;
/// Headers that frame or route the request: they are the transport's, and a connector's could go round the guard.
const OWN_HEADERS: [header::HeaderName; 8] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
];

/// Builds an [`HttpTransport`].
#[must_use]
pub struct HttpTransportBuilder {
    allow: Vec<String>,
    user_agent: String,
    connect_timeout: Duration,
    resolver: Arc<dyn Resolver>,
    extra_roots: Vec<Vec<u8>>,
}

impl HttpTransportBuilder {
    /// Opens internal addresses: a CIDR or an address, with a port or without (all ports), such as `10.0.0.0/8` or
    /// `127.0.0.1/32:4010`; see [`Allow`]. May be called again for more.
    pub fn allow(mut self, entry: impl Into<String>) -> Self {
        self.allow.push(entry.into());
        self
    }

    /// The `User-Agent` of calls whose connector sets none; [`USER_AGENT`] unless told.
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = text.into();
        self
    }

    /// Most time for name, connection and TLS together; [`CONNECT_TIMEOUT`] unless told.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Who resolves names; [`SystemResolver`] unless told.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Trusts one more certificate authority (DER), besides the system's: for services inside a company.
    pub fn trust(mut self, certificate_der: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(certificate_der.into());
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// `Misconfigured` for an allow-list entry or user agent that cannot be read. A system without trusted certificates is
    /// no error here: what needs no TLS works, and a call that needs it says what is missing.
    pub fn build(self) -> Result<HttpTransport> {
        let allow = self
            .allow
            .iter()
            .map(|text| text.parse::<Allow>().map_err(|e| Error::misconfigured(e.to_string())))
            .collect::<Result<Vec<_>>>()?;
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|_| Error::misconfigured("the user agent holds characters that headers may not"))?;
        Ok(HttpTransport {
            policy: Arc::new(Policy::new(allow)),
            resolver: self.resolver,
            tls: tls(self.extra_roots),
            user_agent,
            connect_timeout: self.connect_timeout,
            clients: Mutex::default(),
        })
    }
}

/// TLS by rustls with ring, against the system's trusted certificates. The configuration is shared by all clients.
fn tls(extra_roots: Vec<Vec<u8>>) -> Result<ClientConfig> {
    // Reading the system's certificates takes longer than a call, and they are the same for all transports of a process.
    static SYSTEM: OnceLock<Result<ClientConfig>> = OnceLock::new();
    match extra_roots.is_empty() {
        true => SYSTEM.get_or_init(|| trusting(Vec::new())).clone(),
        false => trusting(extra_roots),
    }
}

fn trusting(extra_roots: Vec<Vec<u8>>) -> Result<ClientConfig> {
    let unusable = |e: rustls::Error| {
        Error::misconfigured(format!(
            "TLS cannot be set up: {e}; the system needs trusted certificates (the package ca-certificates)"
        ))
    };
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let roots = extra_roots.into_iter().map(Into::into);
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone()).map_err(unusable)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// TLS that trusts nobody: a client wants a configuration even if it never speaks TLS.
fn no_roots() -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|e| Error::internal(format!("TLS cannot be set up: {e}")))?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

/// Guarded egress: what every call of the gateway leaves by.
///
/// - The host must be among [`CallContext::hosts`] (unless the service itself gave the URL), the scheme https, the port
///   443 or 80, and **every** address that the name stands for public; the allow-list opens more. The connection goes to
///   exactly the addresses that were judged. See [`guard`].
/// - One request, one answer: no redirect is followed, no proxy asked, nothing repeated.
/// - The whole call has [`CallContext::timeout`], the body [`CallContext::max_response_bytes`] after decompression.
/// - The answer's status says nothing here: an HTTP error is an answer. Echoes of secrets are cut out of it by
///   [`Cx::send`](connector_core::Cx::send), for every transport alike.
/// - Errors say whether the request may have been carried out: [`RetryAdvice`](connector_core::RetryAdvice) is `Safe` as
///   long as nothing was sent, `Ambiguous` afterwards, `Never` when the guard refused.
pub struct HttpTransport {
    policy: Arc<Policy>,
    resolver: Arc<dyn Resolver>,
    tls: Result<ClientConfig>,
    user_agent: HeaderValue,
    connect_timeout: Duration,
    /// One client for each scheme and port: what a resolver needs to know to judge, and is not told by the client.
    clients: Mutex<HashMap<(bool, u16), Client>>,
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
        HttpTransportBuilder {
            allow: Vec::new(),
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            resolver: Arc::new(SystemResolver),
            extra_roots: Vec::new(),
        }
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
        let target = self.judge(&filled, context, &place())?;
        check_own(&filled)?;
        *progress.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place());

        let (place, port) = (place(), target.port);
        let client = self.client(target.https, port)?;
        let started = Instant::now();
        let sent = &progress.sent;
        let fail = |e: reqwest::Error| fault::client(e, &place, port, sent.get(), started.elapsed());

        let mut answer = client.execute(outgoing(filled, sent)).await.map_err(fail)?;
        // Whoever answers has seen the request, even if it did not wait for the body.
        sent.mark();
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let cap = context.max_response_bytes;
        let too_large = || fault::too_large(cap, &place, status.as_u16());
        if answer.content_length().is_some_and(|n| n > cap as u64) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(fail)? {
            if chunk.len() > cap.saturating_sub(body.len()) {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body: body.freeze() })
    }

    /// Everything that can be judged before a name is resolved.
    fn judge(&self, filled: &Filled, context: &CallContext, place: &Place) -> Result<Target> {
        let refused = |rule, ip, port| fault::refused(rule, ip, port, place);
        let port = filled.url.port_or_known_default().unwrap_or_default();
        let target = Target::of(&filled.url).map_err(|rule| refused(rule, None, port))?;
        let host = filled.url.host_str().unwrap_or_default();
        if !filled.given_by_service && !guard::is_declared(host, &context.hosts) {
            return Err(refused(Rule::HostNotDeclared, None, port));
        }
        // The client's resolver never sees an address that is written in the URL.
        match target.literal() {
            Some(ip) => self.policy.judge(ip, port, target.https).map_err(|rule| refused(rule, Some(ip), port))?,
            None => self.policy.judge_unresolved(port, target.https).map_err(|rule| refused(rule, None, port))?,
        }
        Ok(target)
    }

    fn client(&self, https: bool, port: u16) -> Result<Client> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(https, port)) {
            return Ok(client.clone());
        }
        let resolver = Guarded { inner: self.resolver.clone(), policy: self.policy.clone(), port, https };
        let tls = if https { self.tls.clone()? } else { no_roots()? };
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(resolver))
            .redirect(Redirects::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .user_agent(self.user_agent.clone())
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .https_only(https)
            .build()
            .map_err(|e| Error::internal(format!("the HTTP client cannot be built: {}", e.without_url())))?;
        if clients.len() >= MAX_CLIENTS {
            clients.clear();
        }
        clients.insert((https, port), client.clone());
        Ok(client)
    }
}

fn check_own(filled: &Filled) -> Result<()> {
    if let Some(name) = OWN_HEADERS.iter().find(|name| filled.headers.contains_key(*name)) {
        return Err(Error::internal(format!("the connector sets the header `{name}`, which is the transport's")));
    }
    if filled.method == Method::CONNECT {
        return Err(Error::internal("the connector uses the method CONNECT, which would open a tunnel"));
    }
    Ok(())
}

fn outgoing(filled: Filled, sent: &Sent) -> reqwest::Request {
    let mut out = reqwest::Request::new(filled.method, filled.url);
    *out.headers_mut() = filled.headers;
    if filled.body.is_empty() {
        sent.mark();
    } else {
        *out.body_mut() = Some(reqwest::Body::wrap(Watched::new(filled.body, sent.clone())));
    }
    out
}

async fn cancelled(flag: &Cancel) {
    while !flag.is_cancelled() {
        tokio::time::sleep(CANCEL_POLL).await;
    }
}
