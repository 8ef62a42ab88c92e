//! What a transport is told of the budgets of a call: by name, typed, and by a connector's own calls without an action.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, Mutex};

use connector_core::{
    Action, ActionDef, ActionSpec, BudgetSpec, Class, Connector, ConnectorSpec, Cx, FixedClock, Method, Request,
    Response, Result, Timestamp, Transport,
    budget::{BudgetKey, KeyPart},
    transport::CallContext,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

struct Post;

/// A message.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Where.
    channel: String,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
struct Output {}

impl Action for Post {
    const SPEC: ActionSpec = ActionSpec::new("post", "Post").budgets(&["messages"]).cost(2);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        cx.send(Request::new(Method::POST, "https://example.com/")?.query("channel", &input.channel)).await?;
        Ok(Output {})
    }
}

const CHAT: ConnectorSpec = ConnectorSpec::new("chat", "Chat")
    .hosts(&["example.com"])
    .budgets(&[
        BudgetSpec::new("all", "All calls.", &["100/min"]).key(&[BudgetKey::Secret("token")]),
        BudgetSpec::new("messages", "Messages.", &["1/s burst 3"])
            .key(&[BudgetKey::Identity("team"), BudgetKey::Input("/channel")])
            .named(),
    ])
    .actions(&[ActionDef::of::<Post>()]);

#[derive(Default)]
struct Seen(Mutex<Vec<CallContext>>);

#[async_trait::async_trait]
impl Transport for Seen {
    async fn send(&self, _: Request, context: &CallContext) -> Result<Response> {
        self.0.lock().unwrap().push(context.clone());
        Ok(Response { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: "{}".into() })
    }
}

#[tokio::test]
async fn a_call_names_its_action_and_budgets() {
    let connector = Connector::from(&CHAT);
    let seen = Arc::new(Seen::default());
    let cx = connector
        .cx(Map::new(), seen.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
        .connection("c1")
        .identity([("team".to_owned(), "T1".to_owned())].into())
        .class(Class::Background)
        .build();
    connector.call("post", &cx, json!({"channel": "C1"})).await.unwrap();
    cx.call::<Post>(Input { channel: "C1".into() }).await.unwrap();
    cx.counted_by(json!({"channel": "C2"})).call::<Post>(Input { channel: "C2".into() }).await.unwrap();
    cx.send(Request::new(Method::GET, "https://example.com/").unwrap()).await.unwrap();

    let seen = seen.0.lock().unwrap();
    let of = |i: usize| {
        let names: Vec<(&str, u32)> =
            seen[i].budgets.iter().map(|b| (b.budget.name.as_str(), b.cost(&Method::POST))).collect();
        (&*seen[i].action, names)
    };
    assert_eq!(of(0), ("post", vec![("messages", 2), ("all", 2)]));
    assert_eq!(seen[0].budgets[0].key, [KeyPart::Text("T1".into()), KeyPart::Text("C1".into())]);
    assert_eq!(seen[0].budgets[1].key, [KeyPart::Secret("token".into())]);
    assert_eq!((seen[0].class, seen[0].longest_wait), (Class::Background, Class::Background.longest_wait()));
    // A typed input says nothing of its fields, so all typed posts of a team are counted together.
    assert_eq!(of(1), ("post", vec![("messages", 2), ("all", 2)]));
    assert_eq!(seen[1].budgets[0].key[1], KeyPart::Text(String::new()));
    assert_eq!(seen[2].budgets[0].key[1], KeyPart::Text("C2".into()), "unless its caller says what counts");
    assert_eq!(of(3), ("", vec![("all", 1)]));
}
