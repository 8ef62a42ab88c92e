//! What the whole way out costs over a bare HTTP client: `cargo bench -p benches --bench stack`.
//!
//! Both sides post the same JSON to the same server on loopback, over a kept connection, and read the answer into the same
//! type. Ours goes the whole way: input schema, erased call, retry layer, circuit breaker, two budgets, secret slot, guard,
//! caps, scrubbing, output. The two take turns, so that whatever the machine does meanwhile hits both.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Json, Router, routing::post};
use connector_core::{
    Action, ActionDef, ActionSpec, BudgetSpec, Connector, ConnectorSpec, Cx, Effect, Idempotency, Method, ParamSpec,
    Registry, SecretMap, SecretSlot, budget::BudgetKey,
};
use connector_http::{Budgets, HttpTransport, RetryPolicy, SystemClock, layered};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const ROUNDS: usize = 20;
const CALLS: usize = 500;
const TOKEN: &str = "token-of-the-benchmark";

struct CreateThing;

/// A thing to be made.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Its title.
    #[schemars(length(min = 1, max = 256))]
    title: String,
    /// What it is about.
    #[schemars(length(max = 65_536))]
    body: Option<String>,
    /// Its labels.
    #[serde(default)]
    #[schemars(length(max = 100))]
    labels: Vec<String>,
}

/// A thing that was made.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Output {
    /// Its id.
    id: u64,
    /// Its title.
    title: String,
    /// Its address.
    url: String,
}

impl Action for CreateThing {
    const SPEC: ActionSpec = ActionSpec::new("create_thing", "Create a thing")
        .summary("Creates a thing.")
        .effect(Effect::Write, Idempotency::None)
        .budgets(&["things"]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> connector_core::Result<Output> {
        let body = serde_json::to_value(&input).expect("an input is JSON");
        let token = SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() };
        let request = cx.request(Method::POST, "base_url", "/things")?.endpoint("things").json(body).secret(token);
        cx.send(request).await?.json()
    }
}

const BENCH: ConnectorSpec = ConnectorSpec::new("bench", "Bench")
    .params(&[ParamSpec::new("base_url", "Address").url(), ParamSpec::secret("token", "Token")])
    .hosts(&["{base_url}"])
    .budgets(&[
        BudgetSpec::new("all", "All calls.", &["1000000/s burst 1000000"]).key(&[BudgetKey::Secret("token")]),
        BudgetSpec::new("things", "Things.", &["1000000/s burst 1000000", "100000000/h burst 100000000"])
            .key(&[BudgetKey::Connection, BudgetKey::Endpoint])
            .named(),
    ])
    .actions(&[ActionDef::of::<CreateThing>()]);

fn input() -> Value {
    json!({"title": "The login page is slow", "body": "It takes ten seconds. ".repeat(20), "labels": ["bug", "login"]})
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let answer =
        json!({"id": 7, "title": "The login page is slow", "url": "https://example.com/things/7", "state": "open"});
    let router = Router::new().route("/things", post(move |_: Json<Value>| async move { Json(answer) }));
    let address = support::serve(router).await;
    let base = format!("http://{address}");

    // It never speaks TLS here, but does not come about without a provider.
    rustls::crypto::ring::default_provider().install_default().expect("the first provider");
    let bare = reqwest::Client::builder().no_proxy().build().expect("a client");
    let transport = HttpTransport::builder().allow(format!("{}/32:{}", address.ip(), address.port()));
    let transport = transport.build().expect("a transport");
    let transport = layered(transport, Arc::new(Budgets::new()), Arc::new(SystemClock));
    let registry = Registry::new().layered(RetryPolicy::default().layer());
    let connector = registry.register(Connector::from(&BENCH)).expect("it is the first");
    let values = Map::from_iter([("base_url".to_owned(), json!(base))]);
    let cx = connector
        .cx(values, transport, Arc::new(SystemClock))
        .connection("bench")
        .secrets(Arc::new(SecretMap::new().with("token", TOKEN)))
        .build();

    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let mut times = (Vec::with_capacity(CALLS), Vec::with_capacity(CALLS));
        for _ in 0..CALLS {
            let began = Instant::now();
            let response =
                bare.post(format!("{base}/things")).bearer_auth(TOKEN).header("content-type", "application/json");
            let response = response.body(input().to_string()).send().await.expect("an answer");
            let body = response.bytes().await.expect("a body");
            let output: Output = serde_json::from_slice(&body).expect("the answer's form");
            assert_eq!(output.id, 7);
            times.0.push(began.elapsed());

            let began = Instant::now();
            let output = connector.call("create_thing", &cx, input()).await.expect("an output");
            assert_eq!(output.get("id"), Some(&json!(7)));
            times.1.push(began.elapsed());
        }
        // The first round warms both up.
        if round > 0 {
            plain.extend(times.0);
            ours.extend(times.1);
        }
    }
    plain.sort();
    ours.sort();
    let us = |d: Duration| d.as_secs_f64() * 1e6;
    println!("{} calls each, alternating, body of {} bytes, {address}", plain.len(), input().to_string().len());
    println!("{:<10} {:>12} {:>12} {:>8} {:>10}", "", "reqwest", "whole way", "ratio", "more");
    for (name, share) in [("p10", 0.10), ("p50", 0.50), ("p90", 0.90), ("p99", 0.99)] {
        let (a, b) = (us(support::percentile(&plain, share)), us(support::percentile(&ours, share)));
        println!("{name:<10} {a:>9.1} us {b:>9.1} us {:>8.2} {:>7.1} us", b / a, b - a);
    }
}
