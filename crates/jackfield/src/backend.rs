//! Commands are requests to the REST API: over the wire while a gateway runs, in this process while none does.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use axum::body::Body;
use bytes::Bytes;
use connector_core::{
    Clock as _, ErrorKind, Method, Request, SecretMap, SecretSlot, TraceId, Transport as _, transport::CallContext,
};
use connector_http::{HttpTransport, SystemClock};
use http::StatusCode;
use http_body_util::BodyExt as _;
use jackfield_engine::{Engine, Options};
use jackfield_server::{ApiToken, Config};
use jackfield_store::{SharedStore, SqliteStore, StoreError};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{
    config::Settings,
    keys,
    output::{ApiFailure, Unreachable},
    serve, state,
};

/// Largest answer that a command reads.
const MAX_ANSWER: usize = 256 << 20;
/// How long a command waits for the gateway's answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long one waits that has the gateway make many calls.
const LONG_PATIENCE: Duration = Duration::from_secs(3600);

pub(crate) enum Backend {
    /// The gateway that holds the state directory.
    Remote { url: String, transport: Box<HttpTransport>, context: Box<CallContext> },
    /// The state directory itself, since no gateway runs.
    Local { router: axum::Router, token: String, engine: Box<Engine>, store: SharedStore },
}

impl Backend {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        let dir = settings.state_dir.as_path();
        if !state::is_state(dir) {
            return Err(Unreachable(format!(
                "there is no gateway state in {}; start one with `jackfield serve`, or name its directory with --state-dir",
                dir.display()
            ))
            .into());
        }
        match SqliteStore::open_with(dir, keys::sources(settings)?).await {
            Ok(store) => Self::local(settings, Arc::new(store)),
            Err(StoreError::Locked) => Self::remote(dir),
            Err(e) => Err(anyhow::Error::new(e).context(format!("cannot open the state directory {}", dir.display()))),
        }
    }

    fn remote(dir: &Path) -> Result<Self> {
        let running = state::running(dir).ok_or_else(|| {
            Unreachable(
                "a gateway holds the state directory but does not say where it listens; it may still be starting"
                    .into(),
            )
        })?;
        let token = state::token(dir)?;
        let url =
            connector_core::request::parse_url(&running.url).map_err(|e| anyhow::anyhow!("{}", e.caller_text()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        // The one address that this command may reach is the one that the gateway itself wrote down.
        let ip: std::net::IpAddr =
            host.trim_matches(['[', ']']).parse().context("the gateway's own address is not an IP address")?;
        let ip = if ip.is_unspecified() { std::net::IpAddr::from([127, 0, 0, 1]) } else { ip };
        let net = ipnet::IpNet::from(ip);
        let port = url.port_or_known_default().unwrap_or(80);
        let transport = HttpTransport::builder()
            .allow(format!("{net}:{port}"))
            .build()
            .map_err(|e| anyhow::anyhow!("{}", e.operator_text()))?;
        let shown = std::net::SocketAddr::new(ip, port);
        let host = match ip {
            std::net::IpAddr::V4(a) => a.to_string(),
            std::net::IpAddr::V6(a) => format!("[{a}]"),
        };
        let context = CallContext {
            secrets: Arc::new(SecretMap::new().with("token", token.as_str())),
            max_response_bytes: MAX_ANSWER,
            ..CallContext::new("jackfield", vec![host], TraceId::new(SystemClock.now()))
        };
        Ok(Self::Remote { url: format!("http://{shown}"), transport: Box::new(transport), context: Box::new(context) })
    }

    fn local(settings: &Settings, store: SharedStore) -> Result<Self> {
        let token = state::token(&settings.state_dir)?;
        // What commands show is true of the gateway that is started here with the same settings.
        let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
        let options =
            Options { references: keys::references(settings)?, public_url: public_url.clone(), ..Options::default() };
        let way_out = serve::way_out(&settings.allow_networks, options.signals.clone())?;
        let engine = Engine::new(serve::registry(), store.clone(), way_out, Arc::new(SystemClock), options);
        let (_, draining) = tokio::sync::watch::channel(false);
        let config = Config { public_url, ..Config::default() };
        let router = jackfield_server::router(engine.clone(), config, ApiToken::new(&token), draining);
        Ok(Self::Local { router, token, engine: Box::new(engine), store })
    }

    /// One request; an error answer is an [`ApiFailure`].
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        self.send_within(PATIENCE, method, path, body).await
    }

    /// As [`send`](Self::send), for what may take a gateway many calls.
    pub(crate) async fn send_slow(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        self.send_within(LONG_PATIENCE, method, path, body).await
    }

    async fn send_within(&self, timeout: Duration, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let payload = body.map(|b| ("application/json".to_owned(), Bytes::from(b.to_string())));
        let (status, bytes) = self.exchange(timeout, method, path, payload, None).await?;
        read(status, &bytes)
    }

    /// Sends a file's content.
    pub(crate) async fn upload(&self, path: &str, media_type: &str, content: Bytes) -> Result<Value> {
        let payload = Some((media_type.to_owned(), content));
        let (status, bytes) = self.exchange(PATIENCE, Method::POST, path, payload, None).await?;
        read(status, &bytes)
    }

    /// Fetches content that is no JSON: all of it, or the bytes of a range.
    pub(crate) async fn download(&self, path: &str, range: Option<(u64, u64)>) -> Result<Bytes> {
        let range = range.map(|(first, last)| format!("bytes={first}-{last}"));
        let (status, bytes) = self.exchange(PATIENCE, Method::GET, path, None, range).await?;
        if status.is_success() { Ok(bytes) } else { read(status, &bytes).map(|_| bytes) }
    }

    async fn exchange(
        &self,
        timeout: Duration,
        method: Method,
        path: &str,
        payload: Option<(String, Bytes)>,
        range: Option<String>,
    ) -> Result<(StatusCode, Bytes)> {
        match self {
            Self::Remote { url, transport, context } => {
                let context = &CallContext { timeout, ..CallContext::clone(context) };
                let wrong = |e: connector_core::Error| anyhow::anyhow!("{}", e.caller_text());
                let mut request = Request::new(method, &format!("{url}{path}"))
                    .map_err(wrong)?
                    .secret(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() });
                if let Some(range) = range {
                    request = request.header("range", &range).map_err(wrong)?;
                }
                if let Some((media_type, content)) = payload {
                    request = request.bytes(media_type, content);
                }
                let response = transport.send(request, context).await.map_err(|e| match e.kind() {
                    // It was reached, and may still be at it: sending again could do it twice.
                    ErrorKind::Timeout => anyhow::anyhow!(
                        "the gateway at {url} took too long to answer; what was asked may still be done: see its log, and `jackfield status`"
                    ),
                    ErrorKind::UpstreamUnavailable => {
                        Unreachable(format!("the gateway at {url} does not answer: {}", e.operator_text())).into()
                    }
                    _ => anyhow::anyhow!("{}", e.operator_text()),
                })?;
                Ok((response.status, response.body))
            }
            Self::Local { router, token, .. } => {
                let mut request = http::Request::builder()
                    .method(method)
                    .uri(path)
                    .header("host", "localhost")
                    .header("authorization", format!("Bearer {token}"));
                if let Some(range) = range {
                    request = request.header("range", range);
                }
                let body = match payload {
                    Some((media_type, content)) => {
                        request = request.header("content-type", media_type);
                        Body::from(content)
                    }
                    None => Body::empty(),
                };
                let response = router.clone().oneshot(request.body(body)?).await?;
                Ok((response.status(), response.into_body().collect().await?.to_bytes()))
            }
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// Ends a local session, so that what was written is in its place.
    pub(crate) async fn close(self) -> Result<()> {
        if let Self::Local { engine, store, .. } = self {
            let signals = engine.flush_signals().await;
            let calls = engine.flush_calls().await;
            store.close().await?;
            signals.context("what services announced could not be kept")?;
            calls.context("the counts of calls could not be kept")?;
        }
        Ok(())
    }
}

/// An answer's JSON; an error answer is an [`ApiFailure`].
fn read(status: StatusCode, bytes: &[u8]) -> Result<Value> {
    let value: Value =
        serde_json::from_slice(bytes).with_context(|| format!("the gateway answered {status} without JSON"))?;
    if status.is_success() { Ok(value) } else { Err(ApiFailure(value).into()) }
}
