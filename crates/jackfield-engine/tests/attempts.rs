//! How long an attempt may take, and what becomes of one that only waited: through the engine, with a transport that waits
//! as budgets do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use connector_core::{
    BoxFuture, Cancel, Connector, Cx, Error, ErrorKind, Event, FixedClock, Invoke, Method, Registry, Request, Response,
    Result, RetryAdvice, Timestamp, TraceId, Transport, event::Origin, info::ActionInfo, transport::CallContext,
};
use jackfield_engine::{ConnectionInput, Engine, FlowInput, On, Options, Step};
use jackfield_store::{Attempt, Filter, Run, RunState, SqliteStore};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

const NOW: &str = "2026-11-24T02:00:00Z";

/// What becomes of one request.
#[derive(Clone, Copy)]
enum Fate {
    /// It waits for its turn until nobody should wait any more.
    Waits,
    /// It is answered after so many milliseconds, whoever is in a hurry.
    Answered(u64),
    /// It never ends.
    Never,
}

/// A way out where each request has its fate, and later ones are answered at once.
#[derive(Default)]
struct Service {
    fates: Mutex<VecDeque<Fate>>,
    begun: Mutex<Vec<Cancel>>,
}

#[async_trait::async_trait]
impl Transport for Service {
    async fn send(&self, _: Request, context: &CallContext) -> Result<Response> {
        self.begun.lock().unwrap().push(context.cancel.clone());
        let fate = self.fates.lock().unwrap().pop_front();
        match fate {
            Some(Fate::Waits) => {
                while !context.cancel.is_hurried() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                let e = Error::new(ErrorKind::Cancelled, "given up while it waited").unsent();
                return Err(e.with_retry(RetryAdvice::Safe { after: None }));
            }
            Some(Fate::Answered(ms)) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Some(Fate::Never) => std::future::pending().await,
            None => {}
        }
        Ok(Response { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: "{}".into() })
    }
}

/// A write that makes as many requests as its input says.
struct Post(Arc<ActionInfo>);

impl Invoke for Post {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            for _ in 0..input["requests"].as_u64().unwrap() {
                cx.send(Request::new(Method::POST, "https://acme.example/post")?).await?;
            }
            Ok(json!({}))
        })
    }
}

struct Bench {
    engine: Engine,
    service: Arc<Service>,
    _dir: tempfile::TempDir,
}

/// An engine with a run to make, whose action makes so many requests.
async fn bench(attempt_time: Duration, requests: u64, fates: &[Fate]) -> Bench {
    let action = ActionInfo::new("acme", "post", json!({"type": "object"}), json!({}));
    let connector = Connector::builder("acme", "Acme").host("acme.example").action(Arc::new(Post(Arc::new(action))));
    let registry = Registry::new();
    registry.register(connector.build().unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&dir.path().join("state")).unwrap());
    let service = Arc::new(Service { fates: Mutex::new(fates.iter().copied().collect()), ..Service::default() });
    let now: Timestamp = NOW.parse().unwrap();
    let options = Options { attempt_time, ..Options::default() };
    let engine = Engine::new(registry, store, service.clone(), Arc::new(FixedClock(now)), options);
    let connection = ConnectionInput {
        id: "mine".into(),
        connector: "acme".into(),
        name: None,
        app: None,
        enabled: None,
        networks: Vec::new(),
        limits: Vec::new(),
        values: serde_json::Map::new(),
    };
    engine.put_connection(connection).await.unwrap();
    let flow = FlowInput {
        id: "flow".into(),
        name: None,
        enabled: None,
        on: On { connector: "host".into(), connection: None, event: "go".into() },
        when: Vec::new(),
        steps: vec![Step { connection: "mine".into(), action: "post".into(), input: json!({"requests": requests}) }],
    };
    engine.put_flow(flow).await.unwrap();
    let event = Event {
        id: Uuid::from_u128(7),
        origin: Origin::Host,
        connector: "host".into(),
        connection: None,
        event_type: "go".into(),
        trigger: None,
        occurred_at: None,
        received_at: now,
        subject: None,
        payload: json!({}),
        trace_id: TraceId::new(now),
    };
    engine.publish(event).await.unwrap();
    Bench { engine, service, _dir: dir }
}

impl Bench {
    fn dispatch(&self) -> (watch::Sender<bool>, JoinHandle<()>) {
        let (stop, stopped) = watch::channel(false);
        let engine = self.engine.clone();
        (stop, tokio::spawn(async move { engine.dispatch(stopped).await.unwrap() }))
    }

    async fn until(&self, what: &str, so: impl AsyncFn(&Self) -> bool) {
        let began = Instant::now();
        while !so(self).await {
            assert!(began.elapsed() < Duration::from_secs(20), "never came: {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn begun(&self, requests: usize) {
        self.until("the request", async |b: &Self| b.service.begun.lock().unwrap().len() >= requests).await;
    }

    /// Stops while a request is under way.
    async fn stop(&self, (stop, task): (watch::Sender<bool>, JoinHandle<()>)) {
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(5), task).await.expect("nothing is waited for").unwrap();
    }

    async fn run(&self) -> Option<(Run, Vec<Attempt>)> {
        let runs = self.engine.store().runs(Filter::default()).await.unwrap();
        match runs.first() {
            Some(run) => Some(self.engine.store().run(run.id).await.unwrap()),
            None => None,
        }
    }

    async fn ended(&self, state: RunState) -> (Run, Vec<Attempt>) {
        self.until("its end", async |b: &Self| b.run().await.is_some_and(|r| r.0.state == state)).await;
        self.run().await.unwrap()
    }
}

#[tokio::test]
async fn a_stop_takes_back_what_only_waited() {
    let b = bench(Duration::from_secs(300), 1, &[Fate::Waits]).await;
    let dispatching = b.dispatch();
    b.begun(1).await;
    b.stop(dispatching).await;
    let (run, attempts) = b.run().await.unwrap();
    assert_eq!((run.state, run.attempts, attempts.len()), (RunState::Queued, 0, 0), "{:?}", run.error);
    assert_eq!(run.due_at, NOW.parse().unwrap(), "due at once");

    let dispatching = b.dispatch();
    let (run, attempts) = b.ended(RunState::Succeeded).await;
    assert_eq!((run.attempts, attempts.len()), (1, 1));
    b.stop(dispatching).await;
}

#[tokio::test]
async fn what_left_the_machine_counts_although_it_waited_then() {
    let b = bench(Duration::from_secs(300), 2, &[Fate::Answered(0), Fate::Waits]).await;
    let dispatching = b.dispatch();
    b.begun(2).await;
    b.stop(dispatching).await;
    let (run, attempts) = b.run().await.unwrap();
    assert_eq!((run.state, run.attempts, attempts.len()), (RunState::Queued, 1, 1));
    assert!(run.due_at > NOW.parse().unwrap(), "by its schedule");
}

#[tokio::test]
async fn the_time_limit_takes_back_what_only_waited() {
    let b = bench(Duration::from_millis(200), 1, &[Fate::Waits, Fate::Waits]).await;
    let dispatching = b.dispatch();
    let (run, attempts) = b.ended(RunState::Succeeded).await;
    assert_eq!((run.attempts, attempts.len(), run.error), (1, 1, None));
    assert_eq!(b.service.begun.lock().unwrap().len(), 3, "it waited twice and was queued again at once");
    b.stop(dispatching).await;
}

#[tokio::test]
async fn an_answer_shortly_after_the_time_limit_is_kept() {
    let b = bench(Duration::from_millis(200), 1, &[Fate::Answered(900)]).await;
    let dispatching = b.dispatch();
    let (run, _) = b.ended(RunState::Succeeded).await;
    assert_eq!((run.attempts, b.service.begun.lock().unwrap().len()), (1, 1));
    b.stop(dispatching).await;
}

#[tokio::test]
async fn what_does_not_end_is_given_up_and_its_outcome_is_unknown() {
    let b = bench(Duration::from_millis(200), 1, &[Fate::Never]).await;
    let dispatching = b.dispatch();
    let (run, attempts) = b.ended(RunState::Parked).await;
    assert_eq!((run.attempts, attempts.len()), (1, 1));
    assert!(b.service.begun.lock().unwrap()[0].is_cancelled());
    b.stop(dispatching).await;
}
