//! Health and descriptors through the routes: reports, the stream, the way back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Router, body::Body};
use connector_core::{
    BoxFuture, Class, Connector, Cx, Error, ErrorKind, Invoke, Method, Registry, Request, Response, Result, Timestamp,
    TraceId, Transport, Validation,
    connector::Validate,
    describe::{ActionOverride, Describe, Descriptors, FieldOverride},
    info::ActionInfo,
    transport::{CallContext, Clock},
};
use http::StatusCode;
use http_body_util::BodyExt as _;
use jackfield_engine::{Call, ConnectionInput, Engine, Options};
use jackfield_server::{ApiToken, Config};
use jackfield_store::SqliteStore;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tower::ServiceExt as _;

/// Works, or cannot be reached.
struct Service(AtomicBool);

#[async_trait]
impl Transport for Service {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        match self.0.load(Ordering::SeqCst) {
            true => Ok(Response { status: StatusCode::OK, headers: http::HeaderMap::new(), body: "{}".into() }),
            false => Err(Error::new(ErrorKind::UpstreamUnavailable, "the service cannot be reached")),
        }
    }
}

async fn ask(cx: &Cx) -> Result<Value> {
    cx.send(Request::new(Method::GET, "https://api.acme.example/x")?).await?.json()
}

struct Ping(Arc<ActionInfo>);

impl Invoke for Ping {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(ask(cx))
    }
}

struct Learn;

impl Describe for Learn {
    fn describe<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Descriptors>> {
        Box::pin(async {
            ask(cx).await?;
            let to = FieldOverride::with_options("/to", [("a".to_owned(), "A".to_owned())]);
            Ok(Descriptors { fields: vec![to], actions: vec![ActionOverride::hidden("other")] })
        })
    }
}

struct Check;

impl Validate for Check {
    fn validate<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Validation>> {
        Box::pin(async { ask(cx).await.map(|_| Validation::ok("Mia")) })
    }
}

struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Bench {
    engine: Engine,
    router: Router,
    service: Arc<Service>,
    clock: Arc<Hands>,
    stop: watch::Sender<bool>,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let input = json!({"type": "object", "properties": {"to": {"type": "string"}}, "additionalProperties": false});
        let action = |name: &str| Arc::new(Ping(Arc::new(ActionInfo::new("acme", name, input.clone(), json!({})))));
        let connector =
            Connector::builder("acme", "Acme").host("api.acme.example").action(action("ping")).action(action("other"));
        let registry = Registry::new();
        registry.register(connector.validator(Arc::new(Check)).describe(Arc::new(Learn)).build().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&dir.path().join("state")).unwrap());
        let service = Arc::new(Service(AtomicBool::new(true)));
        let clock = Arc::new(Hands(Mutex::new("2026-03-01T10:10:00Z".parse().unwrap())));
        let engine = Engine::new(registry, store, service.clone(), clock.clone(), Options::default());
        let mine = ConnectionInput {
            id: "mine".into(),
            connector: "acme".into(),
            name: None,
            app: None,
            enabled: None,
            networks: vec![],
            limits: vec![],
            values: Map::new(),
        };
        engine.put_connection(mine).await.unwrap();
        let (stop, draining) = watch::channel(false);
        let router = jackfield_server::router(engine.clone(), Config::default(), ApiToken::new("t"), draining);
        Self { engine, router, service, clock, stop, _dir: dir }
    }

    async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> axum::response::Response {
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", "Bearer t");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if method == "POST" { "{}" } else { "" };
        self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    async fn send(&self, method: &str, path: &str) -> (u16, Value) {
        let response = self.raw(method, path, &[]).await;
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap())
    }

    fn a_minute_later(&self) {
        let now = *self.clock.0.lock().unwrap();
        *self.clock.0.lock().unwrap() = now + jiff::SignedDuration::from_mins(1);
    }

    async fn fail(&self) {
        self.a_minute_later();
        self.service.0.store(false, Ordering::SeqCst);
        for _ in 0..3 {
            let how = Call::new(TraceId::new(self.engine.now()), Class::Interactive);
            self.engine.call("mine", "ping", json!({}), how).await.unwrap_err();
        }
        self.engine.tend().await.unwrap();
    }

    async fn works(&self) {
        self.service.0.store(true, Ordering::SeqCst);
        self.a_minute_later();
        assert_eq!(self.send("POST", "/v1/connections/mine/check").await.0, 200);
    }
}

/// A stream, read message by message.
struct Reader(Body, String);

impl Reader {
    async fn new(b: &Bench, last: Option<&str>) -> Self {
        let headers: Vec<(&str, &str)> = last.map(|id| ("last-event-id", id)).into_iter().collect();
        let response = b.raw("GET", "/v1/health/stream", &headers).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut reader = Self(response.into_body(), String::new());
        assert!(reader.next().await.unwrap().contains("retry: 3000"));
        reader
    }

    /// The next message; none at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.1.split_once("\n\n") {
                let message = message.to_owned();
                self.1 = rest.to_owned();
                return Some(message);
            }
            let frame =
                tokio::time::timeout(Duration::from_secs(10), self.0.frame()).await.expect("a message in time")?;
            self.1.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
    }

    /// The next event: type, id, data.
    async fn event(&mut self) -> (String, String, Value) {
        let message = self.next().await.unwrap();
        let field = |name: &str| {
            let line = message.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_default().trim().to_owned()
        };
        (field("event"), field("id"), serde_json::from_str(&field("data")).unwrap())
    }
}

#[tokio::test]
async fn changes_are_streamed_and_whoever_comes_back_goes_on() {
    let b = Bench::new().await;
    let mut reader = Reader::new(&b, None).await;
    b.fail().await;
    let (kind, first, data) = reader.event().await;
    assert_eq!(kind, "connection.health_changed");
    assert_eq!((&data["connection"], &data["payload"]["state"]), (&json!("mine"), &json!("failing")));
    assert_eq!(data["id"], first.as_str());
    drop(reader);

    b.works().await;
    b.send("POST", "/v1/connections/mine/disable").await;
    b.send("POST", "/v1/connections/mine/enable").await;
    let mut again = Reader::new(&b, Some(&first)).await;
    let mut states = Vec::new();
    for _ in 0..3 {
        states.push(again.event().await.2["payload"]["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["degraded", "disabled", "healthy"]);

    // Two readers, each at its own place; both end with the gateway.
    let mut late = Reader::new(&b, None).await;
    b.fail().await;
    assert_eq!(again.event().await.1, late.event().await.1);
    b.stop.send_replace(true);
    assert_eq!((again.next().await, late.next().await), (None, None));
}

#[tokio::test]
async fn streams_are_bounded_and_marks_are_checked() {
    let b = Bench::new().await;
    let response = b.raw("GET", "/v1/health/stream", &[("last-event-id", "nonsense")]).await;
    assert_eq!(response.status(), 422);
    let denied = b
        .router
        .clone()
        .oneshot(http::Request::get("/v1/health/stream").header("host", "localhost").body(Body::empty()).unwrap())
        .await;
    assert_eq!(denied.unwrap().status(), 401);
    let mut open = Vec::new();
    let full = loop {
        let response = b.raw("GET", "/v1/health/stream", &[]).await;
        match response.status().as_u16() {
            200 => open.push(response),
            status => break status,
        }
        assert!(open.len() <= 32);
    };
    assert_eq!(full, 503);
    // Readers that go away give their place back.
    drop(open);
    for _ in 0..200 {
        if b.raw("GET", "/v1/health/stream", &[]).await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no place came back");
}

#[tokio::test]
async fn reports_say_how_connections_are() {
    let b = Bench::new().await;
    b.fail().await;
    let (_, all) = b.send("GET", "/v1/health").await;
    let mine = &all["items"][0];
    assert_eq!((&mine["id"], &mine["state"]), (&json!("mine"), &json!("failing")));
    assert_eq!(mine["last_24h"], json!({"success": 0, "halted": 0, "failure": 3}));
    assert_eq!(mine["days"].as_array().unwrap().len(), 14);
    assert_eq!(mine["days"][13]["failure"], 3);
    let (_, one) = b.send("GET", "/v1/connections/mine/health").await;
    assert_eq!(one["days"].as_array().unwrap().len(), 30);
    assert_eq!(one["hours"], json!([{"at": "2026-03-01T10:00:00Z", "success": 0, "halted": 0, "failure": 3}]));
    assert_eq!(one["actions"][0]["kinds"], json!({"upstream_unavailable": 3}));
    assert_eq!(one["last_failure"]["action"], "ping");
    let (_, other) = b.send("GET", "/v1/connections/mine/health?action=other").await;
    assert_eq!((&other["hours"], &other["actions"]), (&json!([]), &json!([])));
    assert_eq!(b.send("GET", "/v1/connections/none/health").await.0, 404);
    assert_eq!(b.send("GET", "/v1/connections/mine/health?actoin=x").await.0, 400);
}

#[tokio::test]
async fn actions_are_shown_as_they_are_at_the_connection() {
    let b = Bench::new().await;
    let (_, before) = b.send("GET", "/v1/connections/mine/actions").await;
    assert_eq!((before["items"].as_array().unwrap().len(), &before["version"]), (2, &Value::Null));
    let (status, described) = b.send("POST", "/v1/connections/mine/describe").await;
    assert_eq!((status, &described["version"], &described["hidden"]), (200, &json!(1), &json!(["other"])));
    let (_, after) = b.send("GET", "/v1/connections/mine/actions").await;
    assert_eq!((after["items"].as_array().unwrap().len(), &after["version"]), (1, &json!(1)));
    let (_, ping) = b.send("GET", "/v1/connections/mine/actions/ping").await;
    assert_eq!(ping["input_schema"]["properties"]["to"]["x-options"], json!([{"label": "A", "value": "a"}]));
    assert_eq!(b.send("GET", "/v1/connections/mine/actions/pong").await.0, 400);
    assert_eq!(b.send("POST", "/v1/connections/mine/actions/other").await.0, 200, "hidden is not refused");
    b.service.0.store(false, Ordering::SeqCst);
    assert_eq!(b.send("POST", "/v1/connections/mine/describe").await.0, 502);
    assert_eq!(b.send("GET", "/v1/connections/mine/actions").await.1["version"], 1);
}
