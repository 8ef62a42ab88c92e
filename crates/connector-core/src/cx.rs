//! What a connector's code gets from outside: values, transport, clock, trace. A connector does no I/O and reads no
//! clock except through it; that is what makes replay, fault injection and the egress guard total.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    action::Action,
    blob::{Blob, BlobStore},
    budget::{self, BudgetInfo, Class, Limit, Wants, Who},
    error::{Error, ErrorKind, FieldError, Result},
    hosts::{Resolved, is_declared},
    info::ActionInfo,
    redirect,
    request::{Request, Response},
    scrub::Recorder,
    secret::{SecretMap, SecretSlot, SecretSource},
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
    /// What differs between the actions of one connection.
    call: Arc<CallContext>,
    idempotency_key: Option<Arc<str>>,
    /// Stands for the typed inputs of calls, where budgets count by a value of the input.
    counted_by: Option<Arc<Value>>,
}

struct Inner {
    values: Map<String, Value>,
    auth: Option<String>,
    identity: BTreeMap<String, String>,
    budgets: Vec<Arc<BudgetInfo>>,
    /// Which hosts the connection's values should name and do not.
    hosts: Resolved,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    blobs: Option<Arc<dyn BlobStore>>,
}

/// Builds a [`Cx`]; [`Connector::cx`](crate::Connector::cx) begins one.
#[must_use]
pub struct CxBuilder {
    connector: Arc<str>,
    connection: Arc<str>,
    hosts: Resolved,
    networks: Vec<String>,
    values: Map<String, Value>,
    auth: Option<String>,
    identity: BTreeMap<String, String>,
    budgets: Vec<Arc<BudgetInfo>>,
    class: Class,
    longest_wait: Option<Duration>,
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
        hosts: Resolved,
        values: Map<String, Value>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            connector: connector.into(),
            connection: "".into(),
            hosts,
            networks: Vec::new(),
            values,
            auth: None,
            identity: BTreeMap::new(),
            budgets: Vec::new(),
            class: Class::default(),
            longest_wait: None,
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

    /// The auth method that it is connected by; none, as without: its credentials were typed in.
    pub fn auth_method(mut self, id: Option<&str>) -> Self {
        self.auth = id.map(str::to_owned);
        self
    }

    /// Who the connection is at the service, as its validator learned: budgets are counted by it.
    pub fn identity(mut self, identity: BTreeMap<String, String>) -> Self {
        self.identity = identity;
        self
    }

    /// Limits of this connection's calls beside the service's own; all hold at once.
    pub fn limits(mut self, limits: Vec<Limit>) -> Self {
        if !limits.is_empty() {
            self.budgets.push(Arc::new(BudgetInfo::of_connection(limits)));
        }
        self
    }

    pub(crate) fn budgets(mut self, budgets: Vec<Arc<BudgetInfo>>) -> Self {
        self.budgets = budgets;
        self
    }

    /// How urgent the calls are; [`Class::Interactive`] unless told.
    pub fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// How long a request waits for its turn in its budgets at most; [`Class::longest_wait`] unless told.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = Some(wait);
        self
    }

    /// Internal networks that this connection may reach (a CIDR or an address, with a port or without), beside those that
    /// the transport opens for all.
    pub fn networks(mut self, networks: Vec<String>) -> Self {
        self.networks = networks;
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
        let longest_wait = self.longest_wait.unwrap_or_else(|| self.class.longest_wait());
        let hosts: Arc<[String]> = self.hosts.hosts.clone().into();
        let inner = Inner {
            hosts: self.hosts,
            values: self.values,
            auth: self.auth,
            identity: self.identity,
            budgets: self.budgets,
            transport: self.transport,
            clock: self.clock,
            blobs: self.blobs,
        };
        let call = CallContext {
            connector: self.connector,
            connection: self.connection,
            action: "".into(),
            budgets: Arc::new([]),
            class: self.class,
            longest_wait,
            networks: self.networks.into(),
            hosts,
            secrets: self.secrets,
            timeout: self.timeout,
            max_response_bytes: self.max_response_bytes,
            trace,
            cancel: self.cancel,
        };
        let cx = Cx {
            inner: Arc::new(inner),
            call: Arc::new(call),
            idempotency_key: self.idempotency_key.map(Into::into),
            counted_by: None,
        };
        // Until an action is named: what all requests use, for validators and whatever else calls without one.
        cx.scoped::<&str>("", Wants { budgets: &[], cost: 1 }, None)
    }
}

impl Cx {
    /// Runs a typed action: what applications that embed connectors call.
    ///
    /// # Errors
    /// As the action's own.
    pub async fn call<A: Action>(&self, input: A::Input) -> Result<A::Output> {
        let spec = &A::SPEC;
        let wants = Wants { budgets: spec.budgets, cost: spec.cost };
        let cx = self.scoped(spec.name, wants, self.counted_by.as_deref());
        A::run(&cx, input).await.map_err(|e| e.with_connector(self.call.connector.to_string()))
    }

    /// The same context for [`call`](Self::call)s whose budgets count by a value of the input
    /// ([`BudgetKey::Input`](crate::budget::BudgetKey)): `values` has it under the input's names, such as
    /// `{"channel": "C024BE91L"}`. A typed input cannot be looked into; without this, such calls are counted together.
    #[must_use]
    pub fn counted_by(&self, values: Value) -> Self {
        Self { counted_by: Some(Arc::new(values)), ..self.clone() }
    }

    /// The same context with the budgets of this action and input.
    pub(crate) fn for_action(&self, action: &ActionInfo, input: &Value) -> Self {
        self.scoped(&action.name, Wants { budgets: &action.budgets, cost: action.cost }, Some(input))
    }

    fn scoped<S: AsRef<str>>(&self, action: &str, wants: Wants<'_, S>, input: Option<&Value>) -> Self {
        let who = Who { connection: &self.call.connection, values: &self.inner.values, identity: &self.inner.identity };
        let budgets = budget::uses(&self.inner.budgets, wants, &who, input);
        let call = CallContext { action: action.into(), budgets, ..CallContext::clone(&self.call) };
        Self { call: Arc::new(call), ..self.clone() }
    }

    /// The same context with another key of the step: for what repeats a call that was given none.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        Self { idempotency_key: Some(key.into()), ..self.clone() }
    }

    /// What the transport is told about calls.
    pub fn call_context(&self) -> &CallContext {
        &self.call
    }

    /// A request to `base` + `path`, where `base` is the URL param of that id (or its default) and `path` begins with `/`.
    ///
    /// # Errors
    /// `Misconfigured` when the param has no value, `InvalidInput` when the URL is no absolute http or https URL.
    pub fn request(&self, method: Method, base_param: &str, path: &str) -> Result<Request> {
        Request::new(method, &format!("{}{path}", self.param(base_param)?.trim_end_matches('/')))
    }

    /// Sends a request through the transport. Where the answer echoes a secret of the request, it is cut out before
    /// anybody reads it. Where the service refuses a token that can be renewed (401), it is, and the request is made once more. Redirects come back as they are, unless the request
    /// [follows](Request::follow_redirects) them.
    ///
    /// # Errors
    /// As [`Transport::send`]; `Cancelled` once the caller gave up; `Protocol` for redirects without end or to a lower
    /// scheme.
    pub async fn send(&self, request: Request) -> Result<Response> {
        let mut hops = redirect::Hops::of(&request);
        let mut request = request;
        loop {
            let again = hops.keep(&request);
            let response = self.send_once(request).await?;
            match again.map(|kept| hops.next(kept, &response)).transpose()?.flatten() {
                Some(next) => request = next,
                None => return Ok(response),
            }
        }
    }

    async fn send_once(&self, request: Request) -> Result<Response> {
        if self.call.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "the call was cancelled"));
        }
        self.check_host(&request)?;
        let slots = request.slots().to_vec();
        if slots.is_empty() {
            return self.inner.transport.send(request, &self.call).await;
        }
        let again = self.call.secrets.renews().then(|| request.clone());
        let (result, recorder) = self.send_filled(request, &slots).await;
        match (result, again) {
            // A 401 says that nothing was done.
            (Ok(response), Some(request)) if response.status == http::StatusCode::UNAUTHORIZED => {
                match recorder.refused().await {
                    Ok(true) => self.send_filled(request, &slots).await.0,
                    Err(e) if e.kind() == ErrorKind::Auth => Err(e),
                    _ => Ok(response),
                }
            }
            (result, _) => result,
        }
    }

    async fn send_filled(&self, request: Request, slots: &[SecretSlot]) -> (Result<Response>, Arc<Recorder>) {
        let recorder = Arc::new(Recorder::new(self.call.secrets.clone()));
        let call = CallContext { secrets: recorder.clone(), ..CallContext::clone(&self.call) };
        let result = self.inner.transport.send(request, &call).await;
        let scrubber = recorder.scrubber(slots);
        let result = match result {
            Ok(mut response) => {
                scrubber.response(&mut response);
                Ok(response)
            }
            Err(e) => Err(e.map_texts(|t| scrubber.text(t))),
        };
        (result, recorder)
    }

    /// Says what is wrong with the connection where the transport could only say that the host is not declared.
    fn check_host(&self, request: &Request) -> Result<()> {
        let Some(fault) = self.inner.hosts.fault() else { return Ok(()) };
        match request.url().and_then(url::Url::host_str) {
            Some(host) if !request.is_given_by_service() && !is_declared(host, &self.inner.hosts.hosts) => Err(fault),
            _ => Ok(()),
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

    /// The id of the auth method that the connection was connected by; none: its credentials were typed in.
    pub fn auth_method(&self) -> Option<&str> {
        self.inner.auth.as_deref()
    }

    /// Whether the connection has a secret for this param. Its value stays out of reach.
    pub fn has_secret(&self, id: &str) -> bool {
        self.call.secrets.has(id)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The trace this call belongs to.
    pub fn trace(&self) -> TraceId {
        self.call.trace
    }

    /// The key of this step, for services that recognize one.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// Opens a blob.
    ///
    /// # Errors
    /// `InvalidInput` when the blob is not what it says; `Unsupported` when there is no store to open a handle from.
    pub async fn open(&self, blob: &Blob) -> Result<bytes::Bytes> {
        blob.open(self.inner.blobs.as_deref()).await
    }
}
