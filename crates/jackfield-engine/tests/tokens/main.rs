//! Tokens of one connection under 64 workers, with a provider whose refresh tokens work once, over real sockets: alone, and
//! with the process killed and started again many times.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod provider;
mod wire;

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use connector_core::{
    AuthMethod, BoxFuture, Class, Connector, Cx, ErrorKind, Invoke, Method, ParamInfo, ParamSpec, Registry, Result,
    Secret, SecretSlot, Timestamp, TraceId,
    auth::{AuthState, Grant, OAuth2, TokenRecord, TokenSet, TokenStatus},
    info::ActionInfo,
    status,
    transport::Clock,
};
use jackfield_engine::{Call, Engine, Options};
use jackfield_store::{Connection, Filter, SharedStore, SqliteStore};
use provider::Provider;
use serde_json::{Map, Value, json};

const WORKERS: usize = 64;
const SECRET: &str = "CANARY-client-secret";

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Calls the service with the connection's token.
struct Ping(Arc<ActionInfo>);

impl Invoke for Ping {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let token = SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() };
            let response = cx.send(cx.request(Method::GET, "base_url", "/ping")?.secret(token)).await?;
            if response.status.is_success() { response.json() } else { Err(status::error_for(&response, cx.now())) }
        })
    }
}

fn connector() -> Connector {
    let mut oauth = OAuth2::new("{base_url}/authorize", "{base_url}/token", "token");
    oauth.client_secret_param = None;
    let method = AuthMethod::new("oauth", "OAuth", &["base_url"], &[], Grant::AuthorizationCode(oauth));
    let object = json!({"type": "object"});
    let mut ping = ActionInfo::new("acme", "ping", object.clone(), object);
    ping.summary = "Asks who it is.".into();
    Connector::builder("acme", "Acme")
        .param(ParamInfo::from(&ParamSpec::new("base_url", "Address").url()))
        .param(ParamInfo::from(&ParamSpec::new("client_id", "Client id")))
        .param(ParamInfo::from(&ParamSpec::secret("token", "Token")))
        .auth(method)
        .host("{base_url}")
        .action(Arc::new(Ping(Arc::new(ping))))
        .build()
        .unwrap()
}

fn engine(store: SharedStore) -> Engine {
    let registry = Registry::new();
    registry.register(connector()).unwrap();
    Engine::new(registry, store, Arc::new(wire::Wire), Arc::new(WallClock), Options::default())
}

/// A connection with its first tokens, as a consent would leave it.
async fn connected(store: &SharedStore, provider: &Provider) {
    let now = Timestamp::now();
    let values = json!({"base_url": provider.url(), "client_id": "me"});
    let connection = Connection {
        id: "mine".into(),
        connector: "acme".into(),
        name: "mine".into(),
        app: None,
        values: values.as_object().unwrap().clone(),
        networks: Vec::new(),
        limits: Vec::new(),
        identity: Default::default(),
        account: None,
        enabled: true,
        auth: Some("oauth".into()),
        params_version: 1,
        created_at: now,
        updated_at: now,
    };
    store.put_connection(connection, vec![("webhook".into(), Secret::from(SECRET))]).await.unwrap();
    granted(store, provider).await;
}

/// Keeps a new grant.
async fn granted(store: &SharedStore, provider: &Provider) {
    let (access, refresh) = provider.grant();
    let expected = store.token("mine").await.unwrap().map_or(0, |r| r.generation);
    let now = Timestamp::now();
    let status = TokenStatus {
        method: "oauth".into(),
        state: AuthState::Healthy,
        reason: None,
        since: now,
        obtained_at: now,
        expires_at: Some(now + provider.life()),
        scopes: Vec::new(),
        failures: 0,
        not_before: None,
        unanswered: false,
    };
    let tokens = TokenSet { access: vec![("token".into(), Secret::from(access))], refresh: Some(Secret::from(refresh)) };
    assert!(store.put_token("mine", expected, None, status, Some(tokens)).await.unwrap().is_some());
}

fn refresh_of(record: &TokenRecord) -> String {
    record.tokens.refresh.as_ref().unwrap().expose_str().unwrap().to_owned()
}

fn call() -> Call {
    Call::new(TraceId::new(Timestamp::now()), Class::Interactive)
}

async fn ping(engine: &Engine) -> Result<Value> {
    engine.call("mine", "ping", Value::Object(Map::new()), call()).await
}

/// 64 workers that call until `ends`; gives how many calls were made.
async fn work(engine: &Engine, ends: Option<tokio::time::Instant>) -> Result<u64> {
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..WORKERS {
        let engine = engine.clone();
        all.spawn(async move {
            let mut made = 0;
            while ends.is_none_or(|e| tokio::time::Instant::now() < e) {
                ping(&engine).await?;
                made += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok::<u64, connector_core::Error>(made)
        });
    }
    let mut sum = 0;
    while let Some(made) = all.join_next().await {
        sum += made.unwrap()?;
    }
    Ok(sum)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_workers_make_one_redemption_per_rotation() {
    let dir = tempfile::tempdir().unwrap();
    let provider = Provider::start(Duration::from_secs(2), Duration::from_secs(4)).await;
    let store: SharedStore = Arc::new(SqliteStore::open(dir.path()).unwrap());
    connected(&store, &provider).await;
    let engine = engine(store.clone());
    let ends = tokio::time::Instant::now() + Duration::from_secs(9);
    let made = work(&engine, Some(ends)).await.unwrap();
    assert!(made > 500, "{made} calls");
    let seen = provider.seen();
    assert!(seen.granted >= 2, "{seen:?}");
    assert_eq!((seen.refused, seen.at_once, seen.most_for_one), (0, 1, 1), "{seen:?}");
    let record = store.token("mine").await.unwrap().unwrap();
    assert!(record.status.state.is_usable());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_is_renewed_and_a_dead_grant_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let provider = Provider::start(Duration::from_millis(20), Duration::from_secs(600)).await;
    let store: SharedStore = Arc::new(SqliteStore::open(dir.path()).unwrap());
    connected(&store, &provider).await;
    let engine = engine(store.clone());
    ping(&engine).await.unwrap();
    // Taken back at the service, long before its end: many calls, one renewal.
    provider.forget_access();
    let calls = futures_util::future::join_all((0..WORKERS).map(|_| ping(&engine))).await;
    assert!(calls.iter().all(std::result::Result::is_ok), "{calls:?}");
    assert_eq!(provider.seen().granted, 1);

    provider.forget_access();
    provider.forget_refresh();
    let e = ping(&engine).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Auth);
    assert!(e.caller_text().contains("jackfield connect acme --id mine"), "{e}");
    let before = provider.seen().requests;
    let e = ping(&engine).await.unwrap_err();
    assert!(e.kind() == ErrorKind::Auth && e.caller_text().contains("must be connected again"), "{e}");
    assert_eq!(provider.seen().requests, before, "a dead connection's calls fail at once");

    let report = engine.auth_report("mine").await.unwrap();
    let status = report.status.unwrap();
    assert_eq!(status.state, AuthState::NeedsReauth);
    assert!(status.reason.unwrap().contains("invalid_grant"));
    let events = store.events(Filter::default()).await.unwrap();
    let event = store.event(events[0].id).await.unwrap();
    assert_eq!(event.event_type, "connection.needs_reauth");
    assert_eq!((&event.payload["connection"], &event.payload["from"]), (&json!("mine"), &json!("healthy")));
    // A person consents again.
    granted(&store, &provider).await;
    ping(&engine).await.unwrap();
}

/// What is started and killed: it works until it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker() {
    let Some(dir) = std::env::var_os("JACKFIELD_TEST_WORKER") else { return };
    let store: SharedStore = Arc::new(SqliteStore::open(Path::new(&dir)).unwrap());
    work(&engine(store), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_renewals_many_times() {
    const ROUNDS: u32 = 24;
    let dir = tempfile::tempdir().unwrap();
    let provider = Provider::start(Duration::from_millis(250), Duration::from_secs(1)).await;
    let store: SharedStore = Arc::new(SqliteStore::open(dir.path()).unwrap());
    connected(&store, &provider).await;
    drop(store);
    let (mut lost, mut amid) = (0, 0);
    for round in 0..ROUNDS {
        let requests = provider.seen().requests;
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["worker", "--exact", "--nocapture"])
            .env("JACKFIELD_TEST_WORKER", dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until it works, and then to a moment that moves through a renewal.
        for _ in 0..500 {
            if provider.seen().requests > requests + WORKERS {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if round % 4 != 3 {
            for _ in 0..1000 {
                if provider.seen().under_way > 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(u64::from(round % 8) * 25)).await;
        amid += u32::from(provider.seen().under_way > 0);
        assert_eq!(child.try_wait().unwrap(), None, "a call failed in round {round}: {:?}", provider.seen());
        child.kill().unwrap();
        child.wait().unwrap();
        provider.settled().await;

        let store: SharedStore = Arc::new(SqliteStore::open(dir.path()).unwrap());
        let record = store.token("mine").await.unwrap().unwrap();
        let newest = provider.newest();
        if refresh_of(&record) == newest {
            assert!(record.status.state.is_usable(), "round {round}: given up with the newest token in hand");
        } else {
            // The answer was on its way when the process died: that token is nowhere.
            lost += 1;
            granted(&store, &provider).await;
        }
    }
    let seen = provider.seen();
    assert_eq!((seen.refused, seen.at_once, seen.most_for_one), (0, 1, 1), "{seen:?}");
    assert!(amid >= ROUNDS / 2, "only {amid} kills in the middle of a renewal");
    assert!(lost <= ROUNDS / 4, "{lost} answers lost on their way");
    // What was interrupted is taken up again.
    let store: SharedStore = Arc::new(SqliteStore::open(dir.path()).unwrap());
    ping(&engine(store.clone())).await.unwrap();
    assert!(store.token("mine").await.unwrap().unwrap().status.state.is_usable());
}
