#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use connector_core::{
    BudgetSpec, Cancel, Class, Connector, ConnectorSpec, Cx, FixedClock, Method, SecretMap, Timestamp,
    budget::BudgetKey,
};
use serde_json::{Map, json};
use tokio::{task::JoinSet, time::Instant};

use super::*;

mod learning;

const MINUTE: BudgetSpec = BudgetSpec::new("minute", "Sixty a minute.", &["60/min"]);
const BUCKET: BudgetSpec = BudgetSpec::new("bucket", "One a second.", &["1/s burst 1"]);
const NAMED: BudgetSpec = BUCKET.named();
const TOKEN: BudgetSpec = BudgetSpec::new("token", "By token.", &["1/s burst 1"]).key(&[BudgetKey::Secret("token")]);
const TEAM: BudgetSpec = BudgetSpec::new("team", "By team and method.", &["1/s burst 1"])
    .key(&[BudgetKey::Identity("team"), BudgetKey::Endpoint]);
const SEARCH: BudgetSpec = BudgetSpec::new("search", "Searches.", &["1/s burst 100"]).learns_if("x-resource", "search");
const REST: BudgetSpec = BudgetSpec::new("rest", "The rest.", &["1/s burst 100"]).learns_if("x-resource", "rest");

/// Answers with what it is told, and notes when it was asked and by whom.
#[derive(Default)]
struct Service {
    asked: Mutex<Vec<(Instant, String)>>,
    status: AtomicUsize,
    headers: Mutex<Vec<(&'static str, String)>>,
    /// How long it takes to answer.
    millis: AtomicU64,
}

impl Service {
    fn says(&self, status: usize, headers: &[(&'static str, &str)]) {
        self.status.store(status, Ordering::SeqCst);
        *self.headers.lock().unwrap() = headers.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    }

    fn asked(&self) -> Vec<(Instant, String)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        if request.url().and_then(|u| u.host_str()) == Some(STORAGE) {
            return Ok(storage_is_busy());
        }
        self.asked.lock().unwrap().push((Instant::now(), context.connection.to_string()));
        let millis = self.millis.load(Ordering::SeqCst);
        if millis > 0 {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        let mut headers = http::HeaderMap::new();
        for (name, value) in self.headers.lock().unwrap().iter() {
            headers.insert(*name, value.parse().unwrap());
        }
        let status = match self.status.load(Ordering::SeqCst) {
            0 => 200,
            n => u16::try_from(n).unwrap(),
        };
        Ok(Response { status: http::StatusCode::from_u16(status).unwrap(), headers, body: "".into() })
    }
}

/// Where the service keeps files: a host with limits of its own.
const STORAGE: &str = "storage.example.com";

fn storage_is_busy() -> Response {
    let mut headers = http::HeaderMap::new();
    headers.insert("retry-after", "600".parse().unwrap());
    Response { status: http::StatusCode::TOO_MANY_REQUESTS, headers, body: "".into() }
}

struct World {
    service: Arc<Service>,
    transport: Arc<dyn Transport>,
    connector: Connector,
}

impl World {
    fn new(budgets: &'static [BudgetSpec]) -> Self {
        let service = Arc::new(Service::default());
        let now = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        let transport = Arc::new(Budgeted::new(service.clone(), Arc::new(Budgets::new()), now));
        let spec = ConnectorSpec::new("test", "Test").hosts(&["example.com", STORAGE]).budgets(budgets);
        Self { service, transport, connector: Connector::from(&spec) }
    }

    fn cx(&self, connection: &str, class: Class, wait: u64, token: &str, team: &str) -> Cx {
        let identity: BTreeMap<_, _> = [("team".to_owned(), team.to_owned())].into();
        self.connector
            .cx(Map::new(), self.transport.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
            .connection(connection)
            .identity(identity)
            .secrets(Arc::new(SecretMap::new().with("token", token)))
            .class(class)
            // Half a second more, so that no test depends on who is first at the same instant.
            .longest_wait(Duration::from_millis(wait * 1000 + 500))
            .build()
    }

    fn plain(&self, wait: u64) -> Cx {
        self.cx("c", Class::Interactive, wait, "t", "T")
    }
}

fn get(endpoint: &'static str) -> Request {
    Request::new(Method::GET, "https://example.com/").unwrap().endpoint(endpoint)
}

async fn seconds_for(cx: &Cx, endpoint: &'static str) -> f64 {
    let began = Instant::now();
    cx.send(get(endpoint)).await.unwrap();
    (began.elapsed().as_secs_f64() * 10.0).round() / 10.0
}

#[tokio::test(start_paused = true)]
async fn no_minute_has_more_than_the_limit() {
    let world = World::new(&[MINUTE]);
    let cx = world.plain(600);
    for _ in 0..300 {
        cx.send(get("a")).await.unwrap();
    }
    let times: Vec<Instant> = world.service.asked().into_iter().map(|(t, _)| t).collect();
    for (i, from) in times.iter().enumerate() {
        let within = times[i..].iter().take_while(|t| t.duration_since(*from) < Duration::from_secs(60)).count();
        assert!(within <= 60, "{within} in one minute");
    }
    let took = times.last().unwrap().duration_since(times[0]).as_secs();
    assert!(took < 360, "most of the limit is used: 300 calls took {took} s");
}

#[tokio::test(start_paused = true)]
async fn what_is_counted_together_waits_together() {
    let world = World::new(&[TOKEN]);
    let (a, b) = (world.cx("a", Class::Interactive, 9, "t1", ""), world.cx("b", Class::Interactive, 9, "t1", ""));
    let other = world.cx("c", Class::Interactive, 9, "t2", "");
    assert_eq!(seconds_for(&a, "x").await, 0.0);
    assert_eq!(seconds_for(&b, "x").await, 1.0, "the same credential");
    assert_eq!(seconds_for(&other, "x").await, 0.0, "another one");

    let world = World::new(&[TEAM]);
    let (a, b) = (world.cx("a", Class::Interactive, 9, "", "T1"), world.cx("b", Class::Interactive, 9, "", "T1"));
    assert_eq!(seconds_for(&a, "x").await, 0.0);
    assert_eq!(seconds_for(&b, "y").await, 0.0, "another method");
    assert_eq!(seconds_for(&b, "x").await, 1.0);
    assert_eq!(seconds_for(&world.cx("c", Class::Interactive, 9, "", "T2"), "x").await, 0.0, "another team");
}

#[tokio::test(start_paused = true)]
async fn who_would_wait_too_long_is_refused_and_told_when_to_come_back() {
    let world = World::new(&[BUCKET]);
    let cx = world.plain(3);
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let cx = cx.clone();
        calls.spawn(async move { (cx.send(get("x")).await, Instant::now()) });
    }
    let began = Instant::now();
    let mut done = 0;
    while let Some(end) = calls.join_next().await {
        match end.unwrap() {
            (Ok(_), at) => {
                done += 1;
                assert!(at.duration_since(began) < Duration::from_millis(3500));
            }
            (Err(e), at) => {
                assert_eq!((e.kind(), e.connector()), (ErrorKind::RateLimited, Some("test")));
                let after = e.retry().after().unwrap();
                assert!(after > Duration::from_secs(3) && after < Duration::from_secs(11), "{after:?}");
                assert!(e.caller_text().contains("try again in"), "{e}");
                assert!(e.operator_text().contains("`bucket` (1/s burst 1)"), "{e}");
                assert!(at.duration_since(began) < Duration::from_millis(50), "at once, not after the wait");
            }
        }
    }
    assert_eq!(done, 4, "one at once, three within three seconds");
    assert_eq!(world.service.asked().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_nobody_used_for_long_lets_no_more_in_than_it_holds() {
    let gate = Gate::new(&["1/s burst 3".parse().unwrap()]);
    let take = |cost| gate.take(cost, Class::Interactive, "c", Duration::from_secs(4));
    let told = |secs| Err(TooLong { after: Duration::from_secs(secs) });
    take(1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let began = Instant::now();
    assert_eq!(take(10).await, told(7), "three are there, and seven come");
    gate.learn(&Throttle { refused: true, after: Some(Duration::from_secs(3)), ..Throttle::default() });
    assert_eq!(take(5).await, told(5), "two come after the pause, in which the bucket stays as full as it is");
    assert_eq!(began.elapsed(), Duration::ZERO, "both at once, and nothing is taken for them");
    assert_eq!(take(4).await, Ok(Duration::from_secs(4)));
}

#[tokio::test(start_paused = true)]
async fn the_urgent_go_first_and_connections_take_turns() {
    let world = World::new(&[TOKEN]);
    let mut calls = JoinSet::new();
    let mut spawn = |connection: &str, class, n: usize| {
        for _ in 0..n {
            let cx = world.cx(connection, class, 600, "t", "");
            calls.spawn(async move { cx.send(get("x")).await.unwrap() });
        }
    };
    spawn("first", Class::Interactive, 1);
    spawn("backfill", Class::Background, 20);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    spawn("a", Class::EventDriven, 6);
    spawn("b", Class::EventDriven, 2);
    spawn("person", Class::Interactive, 1);
    while let Some(end) = calls.join_next().await {
        end.unwrap();
    }
    let order: Vec<String> = world.service.asked().into_iter().map(|(_, c)| c).collect();
    assert_eq!(order[..2], ["first", "backfill"]);
    assert_eq!(order[2], "person", "{order:?}");
    assert_eq!(order[3..7].iter().filter(|c| *c == "b").count(), 2, "b does not wait for all of a: {order:?}");
    assert!(order[3..11].iter().all(|c| c == "a" || c == "b"), "{order:?}");
    assert!(order[11..].iter().all(|c| c == "backfill"), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_when_its_caller_gives_up() {
    let world = World::new(&[BUCKET]);
    let cancel = Cancel::new();
    world.plain(60).send(get("x")).await.unwrap();
    let cx = world
        .connector
        .cx(Map::new(), world.transport.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
        .connection("c")
        .cancel(cancel.clone())
        .build();
    let waiting = tokio::spawn(async move { cx.send(get("x")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    cancel.cancel();
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(seconds_for(&world.plain(60), "x").await, 0.9, "its place was given up");
}

#[tokio::test(start_paused = true)]
async fn who_is_hurried_or_refused_is_told_that_nothing_was_sent() {
    let world = World::new(&[BUCKET]);
    let cancel = Cancel::new();
    world.plain(60).send(get("x")).await.unwrap();
    let cx = world
        .connector
        .cx(Map::new(), world.transport.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
        .connection("c")
        .cancel(cancel.clone())
        .build();
    let waiting = tokio::spawn(async move { cx.send(get("x")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    cancel.hurry();
    let e = waiting.await.unwrap().unwrap_err();
    assert_eq!((e.is_unsent(), e.retry()), (true, RetryAdvice::Safe { after: None }), "{e}");
    let e = world.plain(0).send(get("x")).await.unwrap_err();
    assert_eq!((e.is_unsent(), e.kind()), (true, ErrorKind::RateLimited), "{e}");
    assert_eq!(world.service.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_action_waits_in_the_budgets_that_it_names() {
    let world = World::new(&[NAMED]);
    let cx = world.plain(60);
    assert_eq!(seconds_for(&cx, "x").await, 0.0);
    assert_eq!(seconds_for(&cx, "x").await, 0.0, "no action, no name");
    assert_eq!(cx.call_context().budgets.len(), 0);
    assert_eq!(json!(world.connector.info())["budgets"][0]["limits"], json!(["1/s burst 1"]));
}

#[tokio::test(start_paused = true)]
async fn limits_that_are_changed_hold_at_once() {
    let world = World::new(&[]);
    let with = |limit: &str| {
        world
            .connector
            .cx(Map::new(), world.transport.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
            .connection("c")
            .limits(vec![limit.parse().unwrap()])
            .build()
    };
    let slow = with("1/10s");
    assert_eq!((seconds_for(&slow, "x").await, seconds_for(&slow, "x").await), (0.0, 10.2));
    let fast = with("1/s");
    assert_eq!((seconds_for(&fast, "x").await, seconds_for(&fast, "x").await), (0.0, 1.0));
}

#[tokio::test(start_paused = true)]
async fn made_up_keys_do_not_fill_the_memory() {
    let budgets = Budgets::new();
    let info = Arc::new((&BUCKET).into());
    let of = BudgetUse { budget: info, key: Vec::new(), action_cost: 1 };
    let held = budgets.gate("held".into(), &of);
    for i in 0..3 * MOST_GATES {
        drop(budgets.gate(format!("key {i}"), &of));
    }
    let (number, kept) = {
        let gates = budgets.gates.lock().unwrap();
        (gates.len(), gates["held"].clone())
    };
    assert!(number <= MOST_GATES, "{number}");
    assert!(Arc::ptr_eq(&held, &kept), "what is in use stays");
    let refused = Throttle { refused: true, after: Some(Duration::from_secs(600)), ..Throttle::default() };
    budgets.gate("paused".into(), &of).learn(&refused);
    let spend = async |key: String| budgets.gate(key, &of).take(1, Class::Interactive, "c", Duration::ZERO).await;
    for i in 0..2 * MOST_GATES {
        spend(format!("spent {i}")).await.unwrap();
    }
    let kept = |key: &str| budgets.gates.lock().unwrap().contains_key(key);
    assert!(kept("paused"), "what a service asked for is forgotten last");
    for i in 0..2 * MOST_GATES {
        budgets.gate(format!("paused {i}"), &of).learn(&refused);
    }
    assert!(budgets.gates.lock().unwrap().len() <= MOST_GATES && kept("held"));
}
