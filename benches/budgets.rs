//! Budgets under load: `cargo bench -p benches --bench budgets -- [--minutes N] [--without]`.
//!
//! 50 connections in 5 workspaces, 4 workers each, call a service on loopback that takes at most 50 calls in any minute of a
//! workspace and method, and refuses the rest with 429 and `Retry-After`, as Slack does. Of a connection's workers one is
//! interactive (a call every 60 s or so), two are driven by events (every 120 s), and one is a backfill that calls as
//! fast as it may. `--without` leaves the budgets out; then only the retry layer obeys `Retry-After`.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

mod support;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use connector_core::{
    Action, ActionDef, ActionSpec, BudgetSpec, Class, Connector, ConnectorSpec, Cx, ErrorKind, Method, ParamSpec,
    Registry, Transport, budget::BudgetKey, status,
};
use connector_http::{Budgets, HttpTransport, RetryPolicy, SystemClock, layered};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const WORKSPACES: usize = 5;
const CONNECTIONS: usize = 50;
/// What the service takes, and what the connector declares of it.
const LIMIT: usize = 50;
const WINDOW: Duration = Duration::from_secs(60);

struct ReadHistory;

/// Nothing to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {}

/// What was read.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Output {
    /// Whether it went well.
    ok: bool,
}

impl Action for ReadHistory {
    const SPEC: ActionSpec =
        ActionSpec::new("read_history", "Read history").summary("Reads the history.").read().budgets(&["tier3"]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, _: Input) -> connector_core::Result<Output> {
        let team = cx.param("team_id")?;
        let request = cx.request(Method::GET, "base_url", &format!("/{team}/history"))?.endpoint("history");
        let response = cx.send(request).await?;
        if response.status.is_success() { response.json() } else { Err(status::error_for(&response, cx.now())) }
    }
}

const BENCH: ConnectorSpec = ConnectorSpec::new("bench", "Bench")
    .params(&[ParamSpec::new("base_url", "Address").url(), ParamSpec::new("team_id", "Workspace")])
    .hosts(&["{base_url}"])
    .budgets(&[BudgetSpec::new("tier3", "50 a minute, each method and workspace.", &["50/min"])
        .key(&[BudgetKey::Identity("team_id"), BudgetKey::Endpoint])
        .named()])
    .actions(&[ActionDef::of::<ReadHistory>()]);

/// The service: a sliding window for each workspace.
#[derive(Default)]
struct Service {
    windows: Mutex<HashMap<String, VecDeque<Instant>>>,
    /// By minute: taken, refused.
    counts: Mutex<BTreeMap<u64, (usize, usize)>>,
    began: Mutex<Option<Instant>>,
}

async fn answer(State(service): State<Arc<Service>>, Path(team): Path<String>) -> Response {
    let now = Instant::now();
    let began = *service.began.lock().expect("no panic").get_or_insert(now);
    let mut windows = service.windows.lock().expect("no panic");
    let window = windows.entry(team).or_default();
    while window.front().is_some_and(|t| now - *t >= WINDOW) {
        window.pop_front();
    }
    let taken = window.len() < LIMIT;
    let mut counts = service.counts.lock().expect("no panic");
    let (good, bad) = counts.entry((now - began).as_secs() / 60).or_default();
    if taken {
        *good += 1;
        window.push_back(now);
        return Json(json!({"ok": true})).into_response();
    }
    *bad += 1;
    let wait = window.front().map_or(1, |t| (WINDOW - (now - *t)).as_secs() + 1);
    (StatusCode::TOO_MANY_REQUESTS, [("retry-after", wait.to_string())], "slow down").into_response()
}

fn random() -> f64 {
    (RandomState::new().hash_one(0) >> 11) as f64 / (1_u64 << 53) as f64
}

struct Call {
    class: Class,
    took: Duration,
    outcome: &'static str,
}

async fn worker(connector: Arc<Connector>, cx: Cx, class: Class, every: f64, until: Instant) -> Vec<Call> {
    let mut calls = Vec::new();
    loop {
        // Anything from nothing to twice the mean; a backfill does not rest.
        let pause = Duration::from_secs_f64(every * 2.0 * random());
        if Instant::now() + pause >= until {
            return calls;
        }
        tokio::time::sleep(pause).await;
        let began = Instant::now();
        let outcome = match connector.call("read_history", &cx, json!({})).await {
            Ok(_) => "done",
            Err(e) if e.kind() == ErrorKind::RateLimited => {
                // Told when to come back: a backfill does.
                if class == Class::Background {
                    let rest = e.retry().after().unwrap_or(Duration::from_secs(1));
                    tokio::time::sleep(rest.min(until.saturating_duration_since(Instant::now()))).await;
                }
                "refused"
            }
            Err(e) => panic!("{e}"),
        };
        calls.push(Call { class, took: began.elapsed(), outcome });
    }
}

fn argument(name: &str) -> Option<String> {
    let mut all = std::env::args().skip_while(|a| a != name);
    all.next().map(|_| all.next().unwrap_or_default())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let minutes: u64 = argument("--minutes").and_then(|n| n.parse().ok()).unwrap_or(4);
    let without = argument("--without").is_some();
    let service = Arc::new(Service::default());
    let router = Router::new().route("/{team}/history", get(answer)).with_state(service.clone());
    let address = support::serve(router).await;

    let transport = HttpTransport::builder().allow(format!("{}/32:{}", address.ip(), address.port()));
    let transport = transport.build().expect("a transport");
    let transport: Arc<dyn Transport> = match without {
        true => Arc::new(transport),
        false => layered(transport, Arc::new(Budgets::new()), Arc::new(SystemClock)),
    };
    let registry = Registry::new().layered(RetryPolicy::default().layer());
    let connector = registry.register(Connector::from(&BENCH)).expect("it is the first");
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let mut workers = tokio::task::JoinSet::new();
    for n in 0..CONNECTIONS {
        let team = format!("T{}", n % WORKSPACES);
        let values: Map<String, Value> =
            [("base_url".to_owned(), json!(format!("http://{address}"))), ("team_id".to_owned(), json!(team))]
                .into_iter()
                .collect();
        for (class, every) in [
            (Class::Interactive, 60.0),
            (Class::EventDriven, 120.0),
            (Class::EventDriven, 120.0),
            (Class::Background, 0.0),
        ] {
            let cx = connector
                .cx(values.clone(), transport.clone(), Arc::new(SystemClock))
                .connection(&format!("c{n}"))
                .identity([("team_id".to_owned(), team.clone())].into())
                .class(class)
                .build();
            workers.spawn(worker(connector.clone(), cx, class, every, until));
        }
    }
    let calls: Vec<Call> = workers.join_all().await.into_iter().flatten().collect();

    println!(
        "{CONNECTIONS} connections of {WORKSPACES} workspaces, 4 workers each, {minutes} min; a workspace may {LIMIT} calls a minute{}",
        if without { "; budgets left out" } else { "" }
    );
    println!("\n{:<8} {:>8} {:>8} {:>14}", "minute", "taken", "429", "of the limit");
    for (minute, (good, bad)) in service.counts.lock().expect("no panic").iter().filter(|(m, _)| **m < minutes) {
        let share = 100.0 * *good as f64 / (LIMIT * WORKSPACES) as f64;
        println!("{:<8} {good:>8} {bad:>8} {share:>12.0} %", minute + 1);
    }
    println!("\n{:<14} {:>7} {:>8} {:>9} {:>9} {:>9}", "class", "done", "refused", "p50", "p99", "longest");
    for class in [Class::Interactive, Class::EventDriven, Class::Background] {
        let of = |outcome: &str| calls.iter().filter(|c| c.class == class && c.outcome == outcome).count();
        let mut took: Vec<Duration> =
            calls.iter().filter(|c| c.class == class && c.outcome == "done").map(|c| c.took).collect();
        took.sort();
        let s = |share| format!("{:.2} s", support::percentile(&took, share).as_secs_f64());
        println!(
            "{:<14} {:>7} {:>8} {:>9} {:>9} {:>9}",
            class.as_str(),
            of("done"),
            of("refused"),
            s(0.5),
            s(0.99),
            s(1.0)
        );
    }
}
