//! A definition made at run time is a connector like any other: same registry, same pipeline, same errors, same events.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use connector_core::{
    Action, ActionDef, ActionSpec, BoxFuture, CapabilityKind, Connector, ConnectorSpec, Cx, Error, ErrorKind,
    FixedClock, Invoke, Method, ParamInfo, ParamSpec, Registry, Request, Response, Result, Source, Timestamp,
    Transport, TriggerDef, TriggerSpec, WebhookTrigger,
    event::Origin,
    info::{ActionInfo, TriggerInfo},
    page,
    spec::Paging,
    transport::CallContext,
    trigger::TriggerShape,
    webhook::{Inbound, KeySource, Locator, Reader, Signed, Verification, Webhook, sign, verify},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const BASE: ParamSpec =
    ParamSpec::new("base_url", "Base URL").description("Where it is.").url().default("https://api.acme.example");

/// Lists things.
struct ListThings;

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The kind of thing.
    kind: String,
    /// The next page's mark.
    #[serde(default)]
    cursor: Option<String>,
}

/// Things.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Output {
    /// The things.
    things: Vec<String>,
    /// The next page's mark.
    next: Option<String>,
}

impl Action for ListThings {
    const SPEC: ActionSpec = ActionSpec::new("list_things", "List things")
        .summary("Lists things of a kind.")
        .docs("https://docs.acme.example/list")
        .read()
        .paged(Paging { items: "/things", next_output: "/next", next_input: "/cursor" });
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = cx
            .request(Method::GET, "base_url", "/things")?
            .query("kind", &input.kind)
            .query_opt("cursor", input.cursor);
        cx.send(request).await?.json()
    }
}

/// A thing was made.
struct ThingMade;

/// A thing.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Thing {
    /// Its id.
    id: u64,
}

impl WebhookTrigger for ThingMade {
    const SPEC: TriggerSpec =
        TriggerSpec::new("thing_made", "Thing made").summary("A thing was made.").events(&["thing.*"]);
    type Payload = Thing;
}

fn webhook() -> Webhook {
    Webhook::new(
        Verification::Signed(Signed::hmac_sha256_body("x-acme-signature", "sha256=")),
        KeySource::Connection("webhook_secret".into()),
        Reader::Data {
            event_type: vec![Locator::body("/type"), Locator::body("/action")],
            subject: Some(Locator::body("/id")),
        },
    )
    .delivery_id(Locator::header("x-acme-delivery"))
}

const BUILT_IN: ConnectorSpec = ConnectorSpec::new("acme_const", "Acme")
    .summary("Acme's things.")
    .params(&[BASE])
    .hosts(&["{base_url}"])
    .actions(&[ActionDef::of::<ListThings>()])
    .triggers(&[TriggerDef::webhook::<ThingMade>()])
    .webhook(webhook);

/// The same action as a document would describe it: no Rust type stands behind it.
struct FromDocument(Arc<ActionInfo>);

impl Invoke for FromDocument {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let mut request = cx.request(Method::GET, "base_url", "/things")?;
            for name in ["kind", "cursor"] {
                request = request.query_opt(name, input[name].as_str());
            }
            cx.send(request).await?.json()
        })
    }
}

struct EventFromDocument(Arc<TriggerInfo>);

impl Source for EventFromDocument {
    fn info(&self) -> &Arc<TriggerInfo> {
        &self.0
    }

    fn check(&self, payload: &Value) -> Result<()> {
        match self.0.check_payload(payload)?.first() {
            None => Ok(()),
            Some(f) => Err(Error::protocol(format!("{}: {}", f.pointer, f.message))),
        }
    }
}

fn made_at_run_time() -> Connector {
    let built_in = Connector::from(&BUILT_IN);
    let like = built_in.actions()[0].info();
    let mut action =
        ActionInfo::new("acme_run_time", "list_things", like.input_schema.clone(), like.output_schema.clone());
    action.title.clone_from(&like.title);
    action.summary.clone_from(&like.summary);
    action.docs_url.clone_from(&like.docs_url);
    action.effect = like.effect;
    action.idempotency = like.idempotency;
    action.paging.clone_from(&like.paging);
    let mut trigger = TriggerInfo::new(
        "acme_run_time",
        "thing_made",
        TriggerShape::Webhook,
        built_in.triggers()[0].info().payload_schema.clone(),
    );
    trigger.events = vec!["thing.*".into()];
    trigger.title = "Thing made".into();
    trigger.summary = "A thing was made.".into();
    Connector::builder("acme_run_time", "Acme")
        .summary("Acme's things.")
        .param(ParamInfo::from(&BASE))
        .host("{base_url}")
        .action(Arc::new(FromDocument(Arc::new(action))))
        .trigger(Arc::new(EventFromDocument(Arc::new(trigger))))
        .webhook(webhook())
        .build()
        .unwrap()
}

/// Two pages, then the end.
struct Pages;

#[async_trait::async_trait]
impl Transport for Pages {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        assert_eq!(&context.hosts[..], ["api.acme.example"]);
        let body = match request.url().unwrap().query().unwrap() {
            "kind=x" => json!({"things": ["a", "b"], "next": "p2"}),
            "kind=x&cursor=p2" => json!({"things": ["c"], "next": null, "new_field": 1}),
            "kind=loop" | "kind=loop&cursor=again" => json!({"things": ["z"], "next": "again"}),
            other => panic!("unexpected query {other}"),
        };
        Ok(Response { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: body.to_string().into() })
    }
}

fn cx(c: &Connector) -> Cx {
    let values = c.clean_params(&serde_json::Map::new(), &[]).unwrap().values;
    c.cx(values, Arc::new(Pages), Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).build()
}

/// Everything a caller can see, with the id taken out.
async fn seen(c: &Connector) -> Value {
    let cx = cx(c);
    let action = c.actions()[0].info();
    let trigger = c.trigger_for("thing.made").unwrap().info();
    let wrong = c.call("list_things", &cx, json!({"knd": 1})).await.unwrap_err();
    let unknown = c.call("list_thing", &cx, json!({})).await.unwrap_err();
    let pages = page::collect(c, &cx, "list_things", json!({"kind": "x"}), page::Options::items(100)).await.unwrap();
    let cut = page::collect(c, &cx, "list_things", json!({"kind": "x"}), page::Options::items(2)).await.unwrap();
    let endless =
        page::collect(c, &cx, "list_things", json!({"kind": "loop"}), page::Options::items(100)).await.unwrap_err();
    let hook = c.webhook().unwrap();
    let key = connector_core::Secret::from("k");
    let mut inbound = Inbound::new(
        Method::POST,
        "https://g.example/webhooks/acme/a",
        http::HeaderMap::new(),
        r#"{"type":"thing","action":"made","id":7}"#.into(),
        Timestamp::UNIX_EPOCH,
    );
    sign(&hook.verification, &mut inbound, &key, Timestamp::UNIX_EPOCH).unwrap();
    let verified = verify(&hook.verification, inbound, &[key], Timestamp::UNIX_EPOCH).unwrap();
    let read = hook.read(&verified).unwrap();
    let source = c.trigger_for(&read[0].event_type).unwrap();
    let text = json!({
        "info": c.info(), "action": **action, "trigger": **trigger,
        "wrong": wrong.to_caller_json(), "unknown": unknown.to_caller_json(), "pages": pages.items, "cut": [cut.cut, pages.cut],
        "endless": endless.to_caller_json(), "event": read[0].event_type, "subject": read[0].subject, "verified": verified.method(),
        "decodes": [source.check(&json!({"id": 1})).is_ok(), source.check(&json!({"id": "x"})).is_ok()],
        "polls": source.poll(&cx, None).await.unwrap_err().kind(),
        "chat": c.capability(CapabilityKind::Chat).is_some(), "origin": Origin::Trigger,
    })
    .to_string();
    serde_json::from_str(&text.replace(c.id(), "acme")).unwrap()
}

#[tokio::test]
async fn callers_cannot_tell_const_and_run_time_definitions_apart() {
    let (a, b) = (seen(&Connector::from(&BUILT_IN)).await, seen(&made_at_run_time()).await);
    assert_eq!(a, b);
    assert_eq!(a["pages"], json!(["a", "b", "c"]));
    assert_eq!(a["cut"], json!(["items", null]));
    assert_eq!(a["endless"]["kind"], "protocol");
    assert_eq!(a["unknown"]["code"], "INVALID_ARGUMENT");
    assert_eq!(a["wrong"]["fields"].as_array().unwrap().len(), 2);
    assert_eq!(a["decodes"], json!([true, false]));
}

#[test]
fn the_registry_lists_alphabetically_and_refuses_a_second_of_one_id() {
    let r = Registry::of(&[&BUILT_IN], &[("acme_const", "acme_const"), ("zendesk", "zendesk")]);
    r.register(made_at_run_time()).unwrap();
    r.register(Connector::builder("aaa", "A").action(Connector::from(&BUILT_IN).actions()[0].clone()).build().unwrap())
        .unwrap();
    let ids: Vec<String> = r.list().iter().map(|c| c.id().to_owned()).collect();
    assert_eq!(ids, ["aaa", "acme_const", "acme_run_time"]);
    let twice = r.register(made_at_run_time()).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Conflict);
    assert!(twice.caller_text().contains("`acme_run_time`"));
    let absent = r.get("zendesk").unwrap_err();
    assert!(
        absent.caller_text().contains("Cargo feature `zendesk`") && absent.caller_text().contains("acme_const"),
        "{absent}"
    );
    let slip = r.get("acme_cons").unwrap_err();
    assert_eq!(slip.code(), Some("INVALID_ARGUMENT"));
    assert!(slip.caller_text().contains("did you mean `acme_const`"), "{slip}");
}

#[test]
fn a_run_time_definition_is_checked() {
    let action = || Connector::from(&BUILT_IN).actions()[0].clone();
    assert!(Connector::builder("Acme!", "A").action(action()).build().is_err());
    assert!(
        Connector::builder("acme", "A").build().unwrap_err().caller_text().contains("neither an action nor a trigger")
    );
    assert!(
        Connector::builder("acme", "A")
            .action(action())
            .action(action())
            .build()
            .unwrap_err()
            .caller_text()
            .contains("twice")
    );
}
