//! A service that commits and then drops the connection: how many effects a call has, by what the action declares.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use connector_core::{
    Action, ActionDef, ActionSpec, Connector, ConnectorSpec, Cx, Effect, Error, Idempotency, Method, ParamSpec,
    Registry, Result, RetryAdvice,
};
use connector_http::{Budgets, HttpTransport, RetryPolicy, SystemClock, layered};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What is made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Its name.
    name: String,
}

/// What was made.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Output {
    /// Its name.
    name: String,
}

/// One action for each kind, all by the same call.
macro_rules! action {
    ($name:ident, $slug:literal, $method:ident, $idempotency:ident $(, $more:ident)?) => {
        struct $name;

        impl Action for $name {
            const SPEC: ActionSpec = ActionSpec::new($slug, $slug)
                .effect(Effect::Write, Idempotency::$idempotency)
                $(.$more())?;
            type Input = Input;
            type Output = Output;

            async fn run(cx: &Cx, input: Input) -> Result<Output> {
                let key = cx.idempotency_key().unwrap_or("none").to_owned();
                let request = cx.request(Method::$method, "base_url", "/things")?.header("idempotency-key", &key)?;
                let response = cx.send(request.json(json!({"name": input.name}))).await?;
                match response.status.as_u16() {
                    200 => response.json(),
                    _ => Err(connector_core::status::error_for(&response, cx.now())),
                }
            }

            async fn find(cx: &Cx, input: Input) -> Result<Option<Output>> {
                if Self::SPEC.name() == "natural" || Self::SPEC.name() == "keyed" || Self::SPEC.name() == "none" {
                    return Err(Error::internal("only emulated actions look"));
                }
                let found: Vec<String> = cx.send(cx.request(Method::GET, "base_url", "/things")?).await?.json()?;
                Ok(found.contains(&input.name).then_some(Output { name: input.name }))
            }
        }
    };
}

action!(Natural, "natural", PUT, Natural);
action!(Keyed, "keyed", POST, Keyed);
action!(AtOnce, "at_once", POST, Emulated, finds_at_once);
action!(Later, "later", POST, Emulated);
action!(Not, "none", POST, None);

const SPEC: ConnectorSpec = ConnectorSpec::new("test", "Test")
    .params(&[ParamSpec::new("base_url", "Address").url()])
    .hosts(&["{base_url}"])
    .actions(&[
        ActionDef::of::<Natural>(),
        ActionDef::of::<Keyed>(),
        ActionDef::of::<AtOnce>(),
        ActionDef::of::<Later>(),
        ActionDef::of::<Not>(),
    ]);

/// Where the connection breaks.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    /// Before anything is read.
    Before,
    /// After the effect, before the answer.
    After,
    /// In the middle of the answer.
    Amid,
}

#[derive(Default)]
struct Service {
    /// What was made, in order; a PUT of the same name and a POST of a known key make nothing.
    made: Mutex<Vec<String>>,
    keys: Mutex<BTreeSet<String>>,
    /// Whether what was made a moment ago is found.
    finds: bool,
    /// Calls still to be broken.
    broken: AtomicUsize,
}

impl Service {
    async fn run(self: Arc<Self>, listener: TcpListener, how: Breaks) {
        while let Ok((stream, _)) = listener.accept().await {
            let service = self.clone();
            tokio::spawn(async move { service.connection(stream, how).await });
        }
    }

    async fn connection(&self, mut stream: TcpStream, how: Breaks) -> std::io::Result<()> {
        let breaks = || self.broken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if how == Breaks::Before && breaks() {
            stream.set_zero_linger()?;
            return Ok(());
        }
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !(text.contains("\r\n\r\n") && (text.starts_with("GET") || text.ends_with('}'))) {
            match stream.read(&mut buffer).await? {
                0 => return Ok(()),
                n => text.push_str(std::str::from_utf8(&buffer[..n]).unwrap()),
            }
        }
        if text.starts_with("GET") {
            let found = if self.finds { self.made.lock().unwrap().clone() } else { Vec::new() };
            return answer(&mut stream, &json!(found)).await;
        }
        let body: Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let name = body["name"].as_str().unwrap().to_owned();
        let key = text.lines().find_map(|l| l.strip_prefix("idempotency-key: ")).unwrap().to_owned();
        {
            let mut made = self.made.lock().unwrap();
            let known = text.starts_with("PUT") && made.contains(&name)
                || key.len() > 10 && !self.keys.lock().unwrap().insert(key);
            if !known {
                made.push(name.clone());
            }
        }
        match how {
            Breaks::After if breaks() => stream.set_zero_linger(),
            Breaks::Amid if breaks() => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"na").await,
            _ => answer(&mut stream, &body).await,
        }
    }
}

async fn answer(stream: &mut TcpStream, body: &Value) -> std::io::Result<()> {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

async fn run(action: &str, finds: bool, broken: usize, how: Breaks) -> (Result<Value>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Arc::new(Service { finds, broken: AtomicUsize::new(broken), ..Service::default() });
    let server = tokio::spawn(service.clone().run(listener, how));

    let transport = HttpTransport::builder().allow(format!("127.0.0.1/32:{}", address.port())).build().unwrap();
    let transport = layered(transport, Arc::new(Budgets::new()), Arc::new(SystemClock));
    let pause = Duration::from_millis(5);
    let policy = RetryPolicy { first_pause: pause, settling: pause, ..RetryPolicy::default() };
    let connector = Registry::new().layered(policy.layer()).register(Connector::from(&SPEC)).unwrap();
    let values = Map::from_iter([("base_url".to_owned(), json!(format!("http://{address}")))]);
    let mut cx = connector.cx(values, transport, Arc::new(SystemClock)).timeout(Duration::from_secs(5));
    if matches!(action, "at_once" | "later" | "none") {
        // Their service knows no keys.
        cx = cx.idempotency_key("none");
    }
    let result = connector.call(action, &cx.build(), json!({"name": "a thing"})).await;
    server.abort();
    let made = service.made.lock().unwrap().len();
    (result, made)
}

#[tokio::test]
async fn a_service_that_commits_and_drops_the_connection_has_one_effect() {
    for how in [Breaks::After, Breaks::Amid] {
        for (action, finds) in [("natural", false), ("keyed", false), ("at_once", true)] {
            for broken in [1, 2] {
                let (result, made) = run(action, finds, broken, how).await;
                assert_eq!((result.map(|v| v["name"].clone()).unwrap(), made), (json!("a thing"), 1), "{action}");
            }
        }
        for (action, why) in
            [("later", "looked in vain, and what is not seen may be there"), ("none", "never repeated")]
        {
            let (result, made) = run(action, false, 1, how).await;
            assert_eq!((result.unwrap_err().retry(), made), (RetryAdvice::Ambiguous, 1), "{action}: {why}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_never_came_about_is_tried_again() {
    // Nothing was read, so nothing was done; whether the bytes had left cannot be told, though, so only what may be
    // repeated is.
    for action in ["natural", "keyed", "at_once"] {
        let (result, made) = run(action, true, 1, Breaks::Before).await;
        assert!(result.is_ok(), "{action}: {result:?}");
        assert_eq!(made, 1, "{action}");
    }
    let (result, made) = run("none", false, 1, Breaks::Before).await;
    match result {
        Ok(_) => assert_eq!(made, 1),
        Err(e) => assert_eq!((e.retry(), made), (RetryAdvice::Ambiguous, 0)),
    }
}
