//! What a connector's code gets from outside: values, transport, clock, trace. A connector does no I/O and reads no
//! clock except through it; that is what makes replay, fault injection and the egress guard total.

use std::{sync::Arc, time::Duration};

use http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    action::Action,
    blob::{Blob, BlobStore},
    error::{Error, ErrorKind, FieldError, Result},
    request::{Request, Response},
    scrub::Recorder,
    secret::{SecretMap, SecretSource},
    trace::TraceId,
    transport::{CallContext, Cancel, Clock, Transport},
};

/// Total time of one call unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Cap of a response body unless told otherwise: 10 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 10 << 20;

/// The context of a call. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    inner: Arc<Inner>,
}

struct Inner {
    call: CallContext,
    values: Map<String, Value>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    blobs: Option<Arc<dyn BlobStore>>,
    idempotency_key: Option<String>,
}

/// Builds a [`Cx`]; [`Connector::cx`](crate::Connector::cx) begins one.
#[must_use]
pub struct CxBuilder {
    connector: Arc<str>,
    connection: Arc<str>,
    hosts: Vec<String>,
    values: Map<String, Value>,
    secrets: Arc<dyn SecretSource>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    blobs: Option<Arc<dyn BlobStore>>,
    timeout: Duration,
    max_response_bytes: usize,
    trace: Option<TraceId>,
    cancel: Cancel,
    idempotency_key: Option<String>,
}

impl CxBuilder {
    pub(crate) fn new(
        connector: &str,
        hosts: Vec<String>,
        values: Map<String, Value>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            connector: connector.into(),
            connection: "".into(),
            hosts,
            values,
            secrets: Arc::new(SecretMap::new()),
            transport,
            clock,
            blobs: None,
            timeout: DEFAULT_TIMEOUT,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            trace: None,
            cancel: Cancel::new(),
            idempotency_key: None,
        }
    }

    /// Where the secrets come from.
    pub fn secrets(mut self, secrets: Arc<dyn SecretSource>) -> Self {
        self.secrets = secrets;
        self
    }

    /// The connection's id, for logs and budgets.
    pub fn connection(mut self, id: &str) -> Self {
        self.connection = id.into();
        self
    }

    /// The trace that this call belongs to; a new one unless told.
    pub fn trace(mut self, trace: TraceId) -> Self {
        self.trace = Some(trace);
        self
    }

    /// Total time of each request.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Cap of each response body in bytes.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// The flag by which the caller gives up.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Where blobs by handle are opened.
    pub fn blobs(mut self, blobs: Arc<dyn BlobStore>) -> Self {
        self.blobs = Some(blobs);
        self
    }

    /// The key of this step, the same whenever the step is repeated.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// The context.
    pub fn build(self) -> Cx {
        let trace = self.trace.unwrap_or_else(|| TraceId::new(self.clock.now()));
        Cx {
            inner: Arc::new(Inner {
                call: CallContext {
                    connector: self.connector,
                    connection: self.connection,
                    hosts: self.hosts.into(),
                    secrets: self.secrets,
                    timeout: self.timeout,
                    max_response_bytes: self.max_response_bytes,
                    trace,
                    cancel: self.cancel,
                },
                values: self.values,
                transport: self.transport,
                clock: self.clock,
                blobs: self.blobs,
                idempotency_key: self.idempotency_key,
            }),
        }
    }
}

impl Cx {
    /// Runs a typed action: what applications that embed connectors call.
    ///
    /// # Errors
    /// As the action's own.
    pub async fn call<A: Action>(&self, input: A::Input) -> Result<A::Output> {
        let connector = self.inner.call.connector.to_string();
        A::run(self, input).await.map_err(|e| e.with_connector(connector))
    }

    /// A request to `base` + `path`, where `base` is the URL param of that id (or its default) and `path` begins with `/`.
    ///
    /// # Errors
    /// `Misconfigured` when the param has no value, `InvalidInput` when the URL is no absolute http or https URL.
    pub fn request(&self, method: Method, base_param: &str, path: &str) -> Result<Request> {
        Request::new(method, &format!("{}{path}", self.param(base_param)?.trim_end_matches('/')))
    }

    /// Sends a request through the transport. Where the answer echoes a secret of the request, it is cut out before
    /// anybody reads it.
    ///
    /// # Errors
    /// As [`Transport::send`]; `Cancelled` once the caller gave up.
    pub async fn send(&self, request: Request) -> Result<Response> {
        if self.inner.call.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "the call was cancelled"));
        }
        let slots = request.slots().to_vec();
        if slots.is_empty() {
            return self.inner.transport.send(request, &self.inner.call).await;
        }
        let recorder = Arc::new(Recorder::new(self.inner.call.secrets.clone()));
        let call = CallContext { secrets: recorder.clone(), ..self.inner.call.clone() };
        let result = self.inner.transport.send(request, &call).await;
        let scrubber = recorder.scrubber(&slots);
        match result {
            Ok(mut response) => {
                scrubber.response(&mut response);
                Ok(response)
            }
            Err(e) => Err(e.map_texts(|t| scrubber.text(t))),
        }
    }

    /// A text value of the connection.
    ///
    /// # Errors
    /// `Misconfigured`, naming the param, when there is none.
    pub fn param(&self, id: &str) -> Result<&str> {
        self.param_opt(id).ok_or_else(|| {
            Error::misconfigured(format!("the connection has no value for the param `{id}`; set it and try again"))
                .with_fields([FieldError::new(format!("/{id}"), "is required for this call")])
        })
    }

    /// A text value of the connection, if there is one.
    pub fn param_opt(&self, id: &str) -> Option<&str> {
        self.inner.values.get(id).and_then(Value::as_str)
    }

    /// A value of the connection, if there is one.
    pub fn value(&self, id: &str) -> Option<&Value> {
        self.inner.values.get(id)
    }

    /// All values of the connection that are no secrets.
    pub fn values(&self) -> &Map<String, Value> {
        &self.inner.values
    }

    /// Whether the connection has a secret for this param. Its value stays out of reach.
    pub fn has_secret(&self, id: &str) -> bool {
        self.inner.call.secrets.has(id)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The trace this call belongs to.
    pub fn trace(&self) -> TraceId {
        self.inner.call.trace
    }

    /// The key of this step, for services that recognize one.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.inner.idempotency_key.as_deref()
    }

    /// Opens a blob.
    ///
    /// # Errors
    /// `InvalidInput` when the blob is not what it says; `Unsupported` when there is no store to open a handle from.
    pub async fn open(&self, blob: &Blob) -> Result<bytes::Bytes> {
        blob.open(self.inner.blobs.as_deref()).await
    }
}
