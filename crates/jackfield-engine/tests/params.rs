//! Params in the engine: migration of stored values, live options; with connectors made at run time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use connector_core::{
    BoxFuture, Class, Connector, Cx, ErrorKind, FieldError, FixedClock, Invoke, Registry, Request, Response, Result,
    Timestamp, TraceId, Transport,
    info::ActionInfo,
    page::{PagingInfo, StepInfo},
    param::{ParamInfo, ParamSpec, SelectOption},
    transport::CallContext,
};
use jackfield_engine::{Call, ConnectionInput, Engine, MAX_OPTIONS, Options};
use jackfield_store::{Owner, SharedStore, SqliteStore};
use serde_json::{Map, Value, json};

struct Nowhere;

#[async_trait::async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        Err(connector_core::Error::internal("nothing is sent in these tests"))
    }
}

/// Lists what the service has, 50 a page.
struct Lists {
    info: Arc<ActionInfo>,
    items: Vec<Value>,
    calls: Arc<AtomicUsize>,
}

impl Invoke for Lists {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.info
    }

    fn invoke<'a>(&'a self, _: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let wanted = input["query"].as_str().unwrap_or_default();
        let start = usize::try_from(input["start"].as_u64().unwrap_or(0)).unwrap();
        let all: Vec<&Value> = self.items.iter().filter(|i| i["key"].as_str().unwrap().contains(wanted)).collect();
        let page: Vec<&&Value> = all.iter().skip(start).take(50).collect();
        let next = (start + page.len() < all.len()).then_some(start + page.len());
        let out = json!({"projects": page, "next": next});
        Box::pin(async move { Ok(out) })
    }
}

fn lists(items: Vec<Value>) -> Lists {
    let input = json!({"type": "object", "properties": {"query": {"type": "string"}, "start": {"type": "integer"}}});
    let mut info = ActionInfo::new("acme", "list_projects", input, json!({"type": "object"}));
    info.paging = Some(PagingInfo {
        items: "/projects".into(),
        next_output: "/next".into(),
        next_input: "/start".into(),
        step: StepInfo::Mark,
        more: None,
        total: None,
    });
    Lists { info: Arc::new(info), items, calls: Arc::default() }
}

const SITE: ParamSpec = ParamSpec::new("site", "Site").url();
const HOST: ParamSpec = ParamSpec::new("host", "Host");
const REGION: ParamSpec = ParamSpec::new("region", "Region")
    .select(&[SelectOption { label: "Europe", value: "eu" }, SelectOption { label: "America", value: "us" }])
    .default("eu");
const TOKEN: ParamSpec = ParamSpec::secret("token", "Token");
const PROJECT: ParamSpec =
    ParamSpec::new("project", "Project").optional().live("list_projects", "/projects", "/key", "/name");

fn acme(params: &[ParamSpec], items: Vec<Value>) -> connector_core::connector::ConnectorBuilder {
    let builder = Connector::builder("acme", "Acme").action(Arc::new(lists(items)));
    params.iter().fold(builder, |b, p| b.param(ParamInfo::from(p)))
}

async fn store() -> (SharedStore, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Arc::new(SqliteStore::open(&dir.path().join("state")).unwrap()), dir)
}

fn engine(store: &SharedStore, connector: Connector) -> Engine {
    let registry = Registry::new();
    registry.register(connector).unwrap();
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    Engine::new(registry, store.clone(), Arc::new(Nowhere), Arc::new(FixedClock(now)), Options::default())
}

async fn put(engine: &Engine, values: Value) {
    let input = json!({"id": "mine", "connector": "acme", "values": values});
    let input: ConnectionInput = serde_json::from_value(input).unwrap();
    engine.put_connection(input).await.unwrap();
}

fn call() -> Call {
    Call::new(TraceId::new("2026-11-24T12:00:00Z".parse().unwrap()), Class::Interactive)
}

/// Version 2 has `site` for `host`, and does not take hosts that are no URL.
fn migrate(from: u32, values: &mut Map<String, Value>) -> std::result::Result<(), Vec<FieldError>> {
    assert_eq!(from, 1);
    if let Some(host) = values.remove("host") {
        values.insert("site".into(), json!(format!("https://{}", host.as_str().unwrap_or_default())));
    }
    Ok(())
}

#[tokio::test]
async fn values_are_migrated_once_when_they_are_read() {
    let (store, _dir) = store().await;
    put(&engine(&store, acme(&[HOST, TOKEN], vec![]).build().unwrap()), json!({"host": "A.example", "token": "t"}))
        .await;
    let before = store.connection("mine").await.unwrap();
    assert_eq!(before.params_version, 1);

    let new = engine(&store, acme(&[SITE, REGION, TOKEN], vec![]).params_version(2, migrate).build().unwrap());
    new.call("mine", "list_projects", json!({}), call()).await.unwrap();
    let stored = store.connection("mine").await.unwrap();
    assert_eq!(Value::Object(stored.values.clone()), json!({"site": "https://a.example", "region": "eu"}));
    assert_eq!((stored.params_version, stored.updated_at), (2, before.updated_at));
    // It is read as it is stored from then on: the migration would panic for version 2.
    let listed = new.connections().await.unwrap();
    assert!(listed[0].outdated.is_none());
    assert_eq!(listed[0].connection, stored);

    // The gateway of before does not touch what it does not know.
    let old = engine(&store, acme(&[HOST, TOKEN], vec![]).build().unwrap());
    let e = old.call("mine", "list_projects", json!({}), call()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Misconfigured);
    assert!(e.caller_text().contains("a newer version"), "{e}");
    assert_eq!(store.connection("mine").await.unwrap(), stored);
}

#[tokio::test]
async fn what_a_migration_cannot_know_is_named_until_it_is_given() {
    let (store, _dir) = store().await;
    put(&engine(&store, acme(&[HOST], vec![]).build().unwrap()), json!({"host": "not a host"})).await;
    let new = engine(&store, acme(&[SITE, TOKEN], vec![]).params_version(2, migrate).build().unwrap());
    let e = new.call("mine", "list_projects", json!({}), call()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Misconfigured);
    assert_eq!(e.fields().iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/site", "/token"]);
    assert!(!e.caller_text().contains("not a host"), "{e}");
    // It is shown with its reason, and a check says it on the fields.
    let shown = new.connection("mine").await.unwrap();
    assert_eq!((shown.connection.params_version, shown.outdated.unwrap().fields().len()), (1, 2));
    assert_eq!(new.check_connection("mine").await.unwrap().errors.len(), 2);

    put(&new, json!({"site": "https://a.example", "token": "t"})).await;
    assert!(new.call("mine", "list_projects", json!({}), call()).await.is_ok());
}

#[tokio::test]
async fn options_come_from_the_service_in_its_order() {
    let (store, _dir) = store().await;
    let items =
        (0..230).map(|i| json!({"key": format!("P{}", i % 225), "name": format!("Project {}", i % 225)})).collect();
    let engine = engine(&store, acme(&[PROJECT, REGION, TOKEN], items).build().unwrap());
    put(&engine, json!({"token": "t"})).await;

    let all = engine.options("mine", "project", None, call()).await.unwrap();
    assert_eq!((all.options.len(), all.more), (MAX_OPTIONS, true));
    assert_eq!((all.options[1].value.as_str(), all.options[1].label.as_str()), ("P1", "Project 1"));
    // The service does not search, so that all of its pages are looked through; what it lists twice is there once.
    let some = engine.options("mine", "project", Some(" pROJECT 22 "), call()).await.unwrap();
    assert_eq!(
        some.options.iter().map(|o| o.value.as_str()).collect::<Vec<_>>(),
        ["P22", "P220", "P221", "P222", "P223", "P224"]
    );
    assert!(!some.more);

    let declared = engine.options("mine", "region", Some("america"), call()).await.unwrap();
    assert_eq!(declared.options[0].value, "us");
    let e = engine.options("mine", "token", None, call()).await.unwrap_err();
    assert!(e.caller_text().contains("those that have are project, region"), "{e}");
    let e = engine.options("mine", "project", Some(&"x".repeat(300)), call()).await.unwrap_err();
    assert_eq!(e.fields()[0].pointer, "/search");
    assert_eq!(engine.options("no", "project", None, call()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_service_that_searches_is_asked_to() {
    let (store, _dir) = store().await;
    let action = lists((0..100).map(|i| json!({"key": format!("P{i}"), "name": "x"})).collect());
    let calls = action.calls.clone();
    let connector = Connector::builder("acme", "Acme")
        .param(ParamInfo::from(&PROJECT.live_search("query")))
        .action(Arc::new(action))
        .build()
        .unwrap();
    let engine = engine(&store, connector);
    put(&engine, json!({})).await;
    let found = engine.options("mine", "project", Some("P9"), call()).await.unwrap();
    assert_eq!((found.options.len(), calls.load(Ordering::SeqCst)), (11, 1));
}

#[tokio::test]
async fn a_secret_that_depends_on_another_param_can_be_set_alone() {
    let (store, _dir) = store().await;
    let key = ParamSpec::secret("key", "Key").visible_if("region", &["us"]);
    let engine = engine(&store, acme(&[REGION, key], vec![]).build().unwrap());
    put(&engine, json!({"region": "us", "key": "k"})).await;
    let owner = Owner::Connection("mine".into());
    engine.set_secret(&owner, "key", "other", false).await.unwrap();
    assert!(store.secrets(&owner, "key").await.unwrap()[0].eq_constant_time(b"other"));
}
