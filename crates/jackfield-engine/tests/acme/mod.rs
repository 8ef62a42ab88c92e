//! A service that does as it is told, its connector, and an engine over both.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    BoxFuture, Class, Connector, Cx, Error, ErrorKind, Event, Invoke, Method, Registry, Request, Response, Result,
    Timestamp, TraceId, Transport, Validation,
    auth::{AuthState, TokenSet, TokenStatus},
    connector::Validate,
    describe::{ActionOverride, Describe, Descriptors, FieldOverride},
    info::ActionInfo,
    transport::{CallContext, Clock},
};
use jackfield_engine::{Call, ConnectionInput, Engine, Options, health::Disabling};
use jackfield_store::{Connection, HealthState, SqliteStore};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

/// What the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Answers.
    Work,
    /// Cannot be reached.
    Break,
    /// Does not have what is asked for.
    Miss,
    /// Says that the account is gone.
    Gone,
    /// The same to calls; its check works.
    GoneForCallsOnly,
    /// Never answers.
    Hang,
}

pub struct Service {
    does: Mutex<Does>,
    classes: Mutex<Vec<Class>>,
    options: Mutex<Vec<String>>,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        self.classes.lock().unwrap().push(context.class);
        let does = *self.does.lock().unwrap();
        let check = request.url().unwrap().path() == "/me";
        let status: u16 = match does {
            Does::Work => 200,
            Does::GoneForCallsOnly if check => 200,
            Does::Break => return Err(Error::new(ErrorKind::UpstreamUnavailable, "the service cannot be reached")),
            Does::Miss => 404,
            Does::Gone | Does::GoneForCallsOnly => 410,
            Does::Hang => std::future::pending().await,
        };
        let body = json!({"options": *self.options.lock().unwrap()}).to_string();
        Ok(Response { status: status.try_into().unwrap(), headers: http::HeaderMap::new(), body: body.into() })
    }
}

async fn get(cx: &Cx, path: &str) -> Result<Value> {
    let response = cx.send(Request::new(Method::GET, &format!("https://api.acme.example{path}"))?).await?;
    match response.status.as_u16() {
        200 => response.json(),
        404 => Err(Error::new(ErrorKind::NotFound, "there is no such thing")),
        _ => Err(Error::new(ErrorKind::Auth, "the account is closed").with_code("account_closed")),
    }
}

struct Ping(Arc<ActionInfo>);

impl Invoke for Ping {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(get(cx, "/ping"))
    }
}

struct Check;

impl Validate for Check {
    fn validate<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Validation>> {
        Box::pin(async {
            match get(cx, "/me").await {
                Ok(_) => Ok(Validation::ok("Mia").scopes(vec!["read".into()])),
                Err(e) if e.kind() == ErrorKind::Auth => Ok(Validation::failed("token", e.caller_text())),
                Err(e) => Err(e),
            }
        })
    }
}

struct Learn;

impl Describe for Learn {
    fn describe<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Descriptors>> {
        Box::pin(async {
            let answer = get(cx, "/describe").await?;
            let options = answer["options"].as_array().unwrap().iter().map(|o| o.as_str().unwrap().to_owned());
            let field = FieldOverride::with_options("/to", options.map(|o| (o.clone(), o)));
            let ping =
                ActionOverride { title: Some("Ping Mia".into()), ..ActionOverride::with_fields("ping", vec![field]) };
            let actions = vec![ping, ActionOverride::hidden("secret"), ActionOverride::hidden("nothing")];
            Ok(Descriptors { actions, ..Descriptors::default() })
        })
    }
}

fn connector() -> Connector {
    let input = json!({"type": "object", "properties": {"to": {"type": "string"}}, "additionalProperties": false});
    let action = |name: &str, title: &str| -> Arc<dyn Invoke> {
        let mut info = ActionInfo::new("acme", name, input.clone(), json!({}));
        info.title = title.into();
        Arc::new(Ping(Arc::new(info)))
    };
    Connector::builder("acme", "Acme")
        .host("api.acme.example")
        .action(action("ping", "Ping"))
        .action(action("secret", "Secret"))
        .validator(Arc::new(Check))
        .describe(Arc::new(Learn))
        .fatal(ErrorKind::Auth, "account_closed")
        .build()
        .unwrap()
}

pub struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Bench {
    pub engine: Engine,
    clock: Arc<Hands>,
    service: Arc<Service>,
    options: Options,
    dir: tempfile::TempDir,
}

impl Bench {
    /// Two connections, `mine` and `other`.
    pub async fn new() -> Self {
        Self::with(Disabling::default()).await
    }

    pub async fn with(disabling: Disabling) -> Self {
        let clock = Arc::new(Hands(Mutex::new("2026-03-01T10:10:00Z".parse().unwrap())));
        let service = Arc::new(Service {
            does: Mutex::new(Does::Work),
            classes: Mutex::default(),
            options: Mutex::new(vec!["a".into(), "b".into()]),
        });
        let options = Options { disabling, ..Options::default() };
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(&dir, &clock, &service, &options);
        let b = Self { engine, clock, service, options, dir };
        for id in ["mine", "other"] {
            let input = ConnectionInput {
                id: id.into(),
                connector: "acme".into(),
                name: None,
                app: None,
                enabled: None,
                networks: vec![],
                limits: vec![],
                values: Map::new(),
            };
            b.engine.put_connection(input).await.unwrap();
        }
        b
    }

    pub async fn restart(self) -> Self {
        let Self { engine: old, clock, service, options, dir } = self;
        old.store().close().await.unwrap();
        drop(old);
        let engine = engine(&dir, &clock, &service, &options);
        Self { engine, clock, service, options, dir }
    }

    pub fn does(&self, does: Does) {
        *self.service.does.lock().unwrap() = does;
    }

    pub fn learn(&self, options: &[&str]) {
        *self.service.options.lock().unwrap() = options.iter().map(|o| (*o).to_owned()).collect();
    }

    /// The classes of the requests so far.
    pub fn classes(&self) -> Vec<Class> {
        self.service.classes.lock().unwrap().clone()
    }

    fn forward(&self, by: SignedDuration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }

    pub fn forward_hours(&self, hours: i64) {
        self.forward(SignedDuration::from_hours(hours));
    }

    pub fn forward_minutes(&self, minutes: i64) {
        self.forward(SignedDuration::from_mins(minutes));
    }

    pub fn how(&self) -> Call {
        Call::new(TraceId::new(self.engine.now()), Class::Interactive)
    }

    pub async fn call_action(&self, action: &str) -> Result<Value> {
        self.engine.call("mine", action, json!({}), self.how()).await
    }

    /// Calls so often; gives the error of the last one.
    pub async fn call_times(&self, times: usize) -> Option<Error> {
        let mut last = None;
        for _ in 0..times {
            last = self.call_action("ping").await.err();
        }
        last
    }

    pub async fn health(&self) -> jackfield_engine::health::HealthDetail {
        self.engine.connection_health("mine", None).await.unwrap()
    }

    pub async fn state(&self) -> HealthState {
        self.health().await.summary.state
    }

    /// What was told, oldest first.
    pub async fn told(&self) -> Vec<Event> {
        self.engine.told_after(None, 100).await.unwrap()
    }

    async fn until(&self, what: &str, holds: impl AsyncFn(&Connection) -> bool) {
        for _ in 0..200 {
            if holds(&self.engine.store().connection("mine").await.unwrap()).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it never came to be {what}");
    }

    pub async fn until_disabled(&self) {
        self.until("disabled", async |c| !c.enabled).await;
    }

    pub async fn until_checked(&self) {
        let store = self.engine.store();
        self.until("checked", async |_| store.health("mine").await.unwrap().is_some_and(|h| h.check.is_some())).await;
    }

    pub async fn token(&self, state: AuthState) {
        let store = self.engine.store();
        let generation = store.token("mine").await.unwrap().map_or(0, |t| t.generation);
        let status = TokenStatus {
            unanswered: false,
            method: "oauth".into(),
            state,
            reason: None,
            since: self.engine.now(),
            obtained_at: self.engine.now(),
            expires_at: None,
            scopes: vec![],
            failures: 0,
            not_before: None,
        };
        store.put_token("mine", generation, None, status, Some(TokenSet::default())).await.unwrap().unwrap();
    }

    pub async fn put_flow(&self, flow: Value) -> jackfield_engine::Result<jackfield_store::Flow> {
        self.engine.put_flow(serde_json::from_value(flow).unwrap()).await
    }

    /// Dispatches until there are so many runs.
    pub async fn dispatch_until(&self, holds: impl Fn(usize) -> bool) {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let dispatcher = tokio::spawn({
            let engine = self.engine.clone();
            async move { engine.dispatch(stopped).await }
        });
        for _ in 0..500 {
            if holds(self.engine.store().runs(jackfield_store::Filter::default()).await.unwrap().len()) {
                stop.send_replace(true);
                dispatcher.await.unwrap().unwrap();
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("there never were so many runs");
    }
}

fn engine(dir: &tempfile::TempDir, clock: &Arc<Hands>, service: &Arc<Service>, options: &Options) -> Engine {
    let registry = Registry::new();
    registry.register(connector()).unwrap();
    let store = Arc::new(SqliteStore::open(&dir.path().join("state")).unwrap());
    Engine::new(registry, store, service.clone(), clock.clone(), options.clone())
}
