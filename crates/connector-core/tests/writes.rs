//! Actions of several requests: what a refused one says of the call as a whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connector_core::{
    Action, ActionDef, ActionSpec, Bytes, Connector, ConnectorSpec, Cx, Effect, FixedClock, Idempotency, Method,
    Request, Response, Result, RetryAdvice, Timestamp, Transport, status, transport::CallContext,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Answers with these statuses, one after the other.
struct Script(Mutex<Vec<u16>>);

#[async_trait]
impl Transport for Script {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        let status = http::StatusCode::from_u16(self.0.lock().unwrap().remove(0)).unwrap();
        Ok(Response { status, headers: http::HeaderMap::new(), body: Bytes::from_static(b"{}") })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The method of the first request.
    first: String,
    /// Whether that only prepares.
    #[serde(default)]
    prepares: bool,
}

#[derive(Serialize, JsonSchema)]
pub struct Output {}

async fn two(cx: &Cx, input: &Input) -> Result<Output> {
    let first = Method::from_bytes(input.first.as_bytes()).unwrap();
    for (method, prepares) in [(first, input.prepares), (Method::POST, false)] {
        let request = Request::new(method, "https://api.example.com/x")?;
        let response = cx.send(if prepares { request.prepares() } else { request }).await?;
        if !response.status.is_success() {
            return Err(status::error_for(&response, cx.now()));
        }
    }
    Ok(Output {})
}

struct Once;
impl Action for Once {
    const SPEC: ActionSpec = ActionSpec::new("once", "Once").summary("Does two things.");
    type Input = Input;
    type Output = Output;
    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        two(cx, &input).await
    }
}

struct Again;
impl Action for Again {
    const SPEC: ActionSpec =
        ActionSpec::new("again", "Again").summary("Does two things.").effect(Effect::Write, Idempotency::Natural);
    type Input = Input;
    type Output = Output;
    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        two(cx, &input).await
    }
}

const ACTIONS: &[ActionDef] = &[ActionDef::of::<Again>(), ActionDef::of::<Once>()];
const SPEC: ConnectorSpec = ConnectorSpec::new("demo", "Demo").hosts(&["api.example.com"]).actions(ACTIONS);

async fn advice(action: &str, first: &str, statuses: &[u16]) -> RetryAdvice {
    of(action, json!({ "first": first }), statuses).await
}

async fn of(action: &str, input: Value, statuses: &[u16]) -> RetryAdvice {
    let connector = Connector::from(&SPEC);
    let transport = Arc::new(Script(Mutex::new(statuses.to_vec())));
    let cx = connector.cx(Map::new(), transport, Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).build();
    connector.call(action, &cx, input).await.unwrap_err().retry()
}

#[tokio::test]
async fn what_was_done_before_a_refusal_counts() {
    let safe = RetryAdvice::Safe { after: None };
    assert_eq!(advice("once", "POST", &[429]).await, safe, "nothing was done");
    assert_eq!(advice("once", "POST", &[201, 429]).await, RetryAdvice::Ambiguous, "the first write was done");
    assert_eq!(advice("once", "GET", &[200, 429]).await, safe, "what was done only reads");
    let prepares = json!({"first": "POST", "prepares": true});
    assert_eq!(of("once", prepares, &[200, 429]).await, safe, "nobody sees the first");
    assert_eq!(advice("once", "POST", &[201, 404]).await, RetryAdvice::Never, "it would fail the same way");
    assert_eq!(advice("again", "POST", &[201, 429]).await, safe, "twice is as once");
}
