//! Handshakes and acknowledgements of every declared kind, through the engine, with connectors made at run time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use connector_core::{
    Connector, Method, Registry, Request, Response, Result, Secret, Source, Timestamp, Transport,
    info::TriggerInfo,
    param::{InputType, ParamInfo, ParamSpec},
    transport::{CallContext, Clock},
    trigger::TriggerShape,
    webhook::{
        Answer, AnswerBody, Condition, Handshake, HttpAnswer, Inbound, KeySource, Locator, Proof, Reader, Signed,
        Verification, Webhook, sign,
    },
};
use http::HeaderMap;
use jackfield_engine::{Address, Answer as Taken, ConnectionInput, Engine, Options};
use jackfield_store::{Filter, Owner, SqliteStore};
use serde_json::json;

struct Nowhere;

#[async_trait::async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        Err(connector_core::Error::internal("nothing is called in these tests"))
    }
}

struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Anything(Arc<TriggerInfo>);

impl Source for Anything {
    fn info(&self) -> &Arc<TriggerInfo> {
        &self.0
    }

    fn check(&self, _: &serde_json::Value) -> Result<()> {
        Ok(())
    }
}

struct Bench {
    engine: Engine,
    clock: Arc<Hands>,
    _dir: tempfile::TempDir,
}

/// An engine with one connector `acme` of this webhook and one connection `mine`.
async fn bench(webhook: Webhook, digest: bool, secrets: &[(&str, &str)]) -> Bench {
    let mut trigger = TriggerInfo::new("acme", "thing", TriggerShape::Webhook, json!({"type": "object"}));
    trigger.digest_dedupe = digest;
    let mut builder =
        Connector::builder("acme", "Acme").trigger(Arc::new(Anything(Arc::new(trigger)))).webhook(webhook);
    for id in ["webhook_secret", "verify_token"] {
        let mut p = ParamInfo::from(&ParamSpec::new(id, id).optional());
        p.input_type = InputType::Password;
        builder = builder.app_param(p.clone()).param(p);
    }
    let registry = Registry::new();
    registry.register(builder.build().unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&dir.path().join("state")).unwrap());
    let clock = Arc::new(Hands(Mutex::new("2026-01-01T00:00:00Z".parse().unwrap())));
    let engine = Engine::new(registry, store, Arc::new(Nowhere), clock.clone(), Options::default());
    let values = secrets.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    let input = ConnectionInput {
        id: "mine".into(),
        connector: "acme".into(),
        name: None,
        app: None,
        enabled: None,
        networks: Vec::new(),
        limits: Vec::new(),
        values,
    };
    engine.put_connection(input).await.unwrap();
    Bench { engine, clock, _dir: dir }
}

impl Bench {
    fn request(&self, method: Method, query: &str, headers: &[(&'static str, &str)], body: &str) -> Inbound {
        let mut map = HeaderMap::new();
        map.insert("content-type", "application/json".parse().unwrap());
        for (n, v) in headers {
            map.insert(*n, v.parse().unwrap());
        }
        let url = format!("https://g.example/webhooks/acme/mine{query}");
        Inbound::new(method, url, map, Bytes::copy_from_slice(body.as_bytes()), self.clock.now())
    }

    async fn take(&self, r: Inbound) -> Taken {
        let address = Address { connector: "acme".into(), connection: Some("mine".into()) };
        let target = self.engine.resolve(address).await.unwrap().unwrap();
        self.engine.receive(&target, r).await.unwrap()
    }

    async fn events(&self) -> usize {
        self.engine.store().events(Filter::default()).await.unwrap().len()
    }
}

fn signed() -> Verification {
    Verification::Signed(Signed::hmac_sha256_body("x-acme-signature", ""))
}

fn reader() -> Reader {
    Reader::Data { event_type: vec![Locator::body("/type")], subject: None }
}

fn webhook() -> Webhook {
    Webhook::new(signed(), KeySource::Connection("webhook_secret".into()), reader())
}

fn answered(t: &Taken) -> &HttpAnswer {
    match t {
        Taken::Http(a) => a,
        other => panic!("{other:?}"),
    }
}

fn handshake(method: Method, when: Vec<Condition>, proof: Proof, status: u16, body: AnswerBody) -> Handshake {
    Handshake { method, when, proof, answer: Answer { status, body, echo_header: None }, supplies_key: None }
}

#[tokio::test]
async fn a_head_request_is_answered_when_it_is_declared_and_refused_when_not() {
    let declared = webhook().handshake(handshake(Method::HEAD, vec![], Proof::Nothing, 200, AnswerBody::Empty));
    let b = bench(declared, false, &[("webhook_secret", "k")]).await;
    assert_eq!(answered(&b.take(b.request(Method::HEAD, "", &[], "")).await).status, 200);
    assert_eq!(b.take(b.request(Method::GET, "", &[], "")).await, Taken::Refused(405));
    let plain = bench(webhook(), false, &[("webhook_secret", "k")]).await;
    assert_eq!(plain.take(plain.request(Method::HEAD, "", &[], "")).await, Taken::Refused(405));
}

#[tokio::test]
async fn a_get_with_the_right_token_gets_its_challenge_as_plain_text() {
    let query = |name: &str| Locator::Query(name.to_owned());
    let meta = webhook().handshake(handshake(
        Method::GET,
        vec![Condition::is(query("hub.mode"), "subscribe")],
        Proof::Token(query("hub.verify_token"), KeySource::Connection("verify_token".into())),
        200,
        AnswerBody::Echo(query("hub.challenge")),
    ));
    let b = bench(meta, false, &[("webhook_secret", "k"), ("verify_token", "let-me-in")]).await;
    let ask = |token: &str| {
        b.request(Method::GET, &format!("?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=%3Cb%3E1"), &[], "")
    };
    let good = b.take(ask("let-me-in")).await;
    assert_eq!((answered(&good).status, &answered(&good).body[..]), (200, &b"<b>1"[..]));
    assert_eq!(answered(&good).content_type, Some("text/plain; charset=utf-8"));
    for wrong in ["", "let-me-in-", "LET-ME-IN"] {
        assert_eq!(b.take(ask(wrong)).await, Taken::Refused(401), "{wrong}");
    }
    let unset = bench(
        webhook().handshake(handshake(
            Method::GET,
            vec![],
            Proof::Token(query("t"), KeySource::Connection("verify_token".into())),
            200,
            AnswerBody::Empty,
        )),
        false,
        &[],
    )
    .await;
    assert_eq!(unset.take(unset.request(Method::GET, "?t=", &[], "")).await, Taken::Refused(401), "no token is set");
}

#[tokio::test]
async fn a_key_that_a_handshake_supplies_is_taken_once_and_verifies_from_then_on() {
    let asana = Webhook::new(signed(), KeySource::Handshake("hook_secret".into()), reader()).handshake(Handshake {
        method: Method::POST,
        when: vec![Condition::present(Locator::header("x-hook-secret"))],
        proof: Proof::Nothing,
        answer: Answer { status: 200, body: AnswerBody::Empty, echo_header: Some("x-hook-secret".into()) },
        supplies_key: Some(Locator::header("x-hook-secret")),
    });
    let b = bench(asana.clone(), false, &[]).await;
    let event = r#"{"type":"thing"}"#;
    let sign_with = |key: &str| {
        let mut r = b.request(Method::POST, "", &[], event);
        sign(&asana.verification, &mut r, &Secret::from(key), b.clock.now()).unwrap();
        r
    };
    assert_eq!(b.take(sign_with("s1")).await, Taken::Refused(401), "no key yet");
    let first = b.take(b.request(Method::POST, "", &[("x-hook-secret", "s1")], "{}")).await;
    assert_eq!(answered(&first).header, Some(("x-hook-secret".into(), "s1".into())));
    assert_eq!(answered(&b.take(sign_with("s1")).await).status, 202);
    let hijack = b.take(b.request(Method::POST, "", &[("x-hook-secret", "mine-now")], "{}")).await;
    assert_eq!(hijack, Taken::Refused(401), "a key that is set is not replaced by whoever asks");
    assert_eq!(b.take(sign_with("mine-now")).await, Taken::Refused(401));
    let names = b.engine.store().secret_names(&Owner::Connection("mine".into())).await.unwrap();
    assert_eq!(names, ["hook_secret"]);
    assert_eq!(b.events().await, 1, "handshakes are no events");
}

#[tokio::test]
async fn a_signed_challenge_is_answered_with_its_hmac() {
    let zoom = webhook().handshake(handshake(
        Method::POST,
        vec![Condition::is(Locator::body("/event"), "endpoint.url_validation")],
        Proof::Verified,
        200,
        AnswerBody::TokenAndHmac(Locator::body("/payload/plainToken")),
    ));
    let b = bench(zoom, false, &[("webhook_secret", "test_secret")]).await;
    let body = r#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;
    let mut r = b.request(Method::POST, "", &[], body);
    assert_eq!(b.take(r.clone()).await, Taken::Refused(401), "it is signed too");
    sign(&signed(), &mut r, &Secret::from("test_secret"), b.clock.now()).unwrap();
    let answer = b.take(r).await;
    let got: serde_json::Value = serde_json::from_slice(&answered(&answer).body).unwrap();
    assert_eq!(got["encryptedToken"], "af2b71c039092798acffde4bc073be46286db03f4d82bfac9008822d0fac2449");
}

#[tokio::test]
async fn without_a_delivery_id_only_an_opted_in_trigger_dedupes() {
    for (digest, want) in [(true, 1), (false, 2)] {
        let b = bench(webhook(), digest, &[("webhook_secret", "k")]).await;
        for _ in 0..2 {
            let mut r = b.request(Method::POST, "", &[], r#"{"type":"thing"}"#);
            sign(&signed(), &mut r, &Secret::from("k"), b.clock.now()).unwrap();
            assert_eq!(answered(&b.take(r).await).status, 202);
        }
        assert_eq!(b.events().await, want, "digest: {digest}");
    }
}

#[tokio::test]
async fn a_declared_acknowledgement_is_given_for_its_kind_of_request_only() {
    let declared = webhook().acknowledge(vec![Condition::is(Locator::body("/type"), "quiet")], 200, false);
    let b = bench(declared, false, &[("webhook_secret", "k")]).await;
    for (body, status, empty) in [(r#"{"type":"quiet"}"#, 200, true), (r#"{"type":"loud"}"#, 202, false)] {
        let mut r = b.request(Method::POST, "", &[], body);
        sign(&signed(), &mut r, &Secret::from("k"), b.clock.now()).unwrap();
        let a = b.take(r).await;
        assert_eq!((answered(&a).status, answered(&a).body.is_empty()), (status, empty));
    }
}

#[tokio::test]
async fn a_webhook_that_cannot_be_verified_says_so_in_what_is_kept() {
    let none = Verification::None { reason: "it signs nothing".into(), compensation: "an unguessable path".into() };
    let b = bench(Webhook::new(none, KeySource::Connection("webhook_secret".into()), reader()), false, &[]).await;
    assert_eq!(answered(&b.take(b.request(Method::POST, "", &[], r#"{"type":"x"}"#)).await).status, 202);
    let kept = b.engine.store().deliveries(Filter::default()).await.unwrap();
    assert_eq!(kept[0].verified_by, "none");
}

#[tokio::test]
async fn an_empty_key_is_not_taken_and_a_wrong_declaration_is_not_built() {
    let supply = |proof: Proof, body: AnswerBody| Handshake {
        method: Method::POST,
        when: vec![Condition::present(Locator::header("x-hook-secret"))],
        proof,
        answer: Answer { status: 200, body, echo_header: None },
        supplies_key: Some(Locator::header("x-hook-secret")),
    };
    let asana = Webhook::new(signed(), KeySource::Handshake("hook_secret".into()), reader())
        .handshake(supply(Proof::Nothing, AnswerBody::Empty));
    let b = bench(asana.clone(), false, &[]).await;
    let empty = b.take(b.request(Method::POST, "", &[("x-hook-secret", " ")], "{}")).await;
    assert_eq!(empty, Taken::Refused(401));
    assert!(b.engine.store().secret_names(&Owner::Connection("mine".into())).await.unwrap().is_empty());

    let build = |w: Webhook| {
        let info = TriggerInfo::new("acme", "thing", TriggerShape::Webhook, json!({"type": "object"}));
        let made = Connector::builder("acme", "Acme").trigger(Arc::new(Anything(Arc::new(info)))).webhook(w).build();
        made.err().map(|e| e.caller_text().to_owned()).unwrap_or_default()
    };
    let plain = |v: Verification| Webhook::new(v, KeySource::Connection("s".into()), reader());
    let none = || Verification::None { reason: String::new(), compensation: "x".into() };
    assert!(build(plain(none())).contains("needs a reason"));
    assert!(build(plain(Verification::AnyOf(vec![signed(), none()]))).contains("takes everything"));
    assert!(build(plain(Verification::AnyOf(vec![]))).contains("verifies nothing"));
    assert!(build(plain(signed()).handshake(supply(Proof::Verified, AnswerBody::Empty))).contains("not the handshake"));
    let oracle = supply(Proof::Nothing, AnswerBody::TokenAndHmac(Locator::body("/x")));
    assert!(build(Webhook { handshakes: vec![oracle], ..asana.clone() }).contains("gets anything signed"));
    assert!(build(Webhook { handshakes: vec![], ..asana }).contains("no handshake supplies one"));
}

#[tokio::test]
async fn a_token_in_the_body_is_redacted_in_the_event() {
    let token = Verification::Token { at: Locator::body("/token"), prefix: String::new() };
    let w = Webhook::new(token, KeySource::Connection("webhook_secret".into()), reader());
    let b = bench(w, false, &[("webhook_secret", "canary-token")]).await;
    let body = r#"{"type":"thing","token":"canary-token","n":1}"#;
    assert_eq!(answered(&b.take(b.request(Method::POST, "", &[], body)).await).status, 202);
    let id = b.engine.store().events(Filter::default()).await.unwrap()[0].id;
    let event = b.engine.store().event(id).await.unwrap();
    assert_eq!(event.payload, json!({"type": "thing", "token": "[redacted]", "n": 1}));
}

#[tokio::test]
async fn a_reader_that_panics_loses_nothing() {
    let panics = Reader::Function(|_| panic!("on this one"));
    let w = Webhook::new(signed(), KeySource::Connection("webhook_secret".into()), panics);
    let b = bench(w, false, &[("webhook_secret", "k")]).await;
    let mut r = b.request(Method::POST, "", &[], r#"{"type":"thing"}"#);
    sign(&signed(), &mut r, &Secret::from("k"), b.clock.now()).unwrap();
    assert_eq!(answered(&b.take(r).await).status, 202);
    let kept = b.engine.store().deliveries(Filter::default()).await.unwrap();
    assert_eq!(kept[0].events[0].1, "unreadable");
    assert_eq!(kept[0].body_bytes, 16);
}

/// Meta's GET at the address that all connections of an app share: any app's token will do.
#[tokio::test]
async fn an_app_wide_challenge_is_answered_for_any_app() {
    let query = |name: &str| Locator::Query(name.to_owned());
    let meta = webhook().handshake(handshake(
        Method::GET,
        vec![Condition::present(query("hub.challenge"))],
        Proof::Token(query("hub.verify_token"), KeySource::App("verify_token".into())),
        200,
        AnswerBody::Echo(query("hub.challenge")),
    ));
    let b = bench(meta, false, &[]).await;
    let values = serde_json::Map::from_iter([("verify_token".to_owned(), json!("let-me-in"))]);
    let app = jackfield_engine::AppInput { id: "one".into(), connector: "acme".into(), name: None, values };
    b.engine.put_app(app).await.unwrap();
    let address = Address { connector: "acme".into(), connection: None };
    let target = b.engine.resolve(address).await.unwrap().unwrap();
    let ask = |token: &str| b.request(Method::GET, &format!("?hub.verify_token={token}&hub.challenge=42"), &[], "");
    let good = b.engine.receive(&target, ask("let-me-in")).await.unwrap();
    assert_eq!(&answered(&good).body[..], b"42");
    assert_eq!(b.engine.receive(&target, ask("nope")).await.unwrap(), Taken::Refused(401));
}

#[tokio::test]
async fn names_that_a_sender_chooses_are_bounded() {
    let w = webhook().delivery_id(Locator::body("/id"));
    let b = bench(w, false, &[("webhook_secret", "k")]).await;
    let body = json!({"type": format!("thing\u{1b}[2J{}", "x".repeat(9000)), "id": "d".repeat(9000)}).to_string();
    for _ in 0..2 {
        let mut r = b.request(Method::POST, "", &[], &body);
        sign(&signed(), &mut r, &Secret::from("k"), b.clock.now()).unwrap();
        assert_eq!(answered(&b.take(r).await).status, 202);
    }
    let kept = b.engine.store().deliveries(Filter::default()).await.unwrap();
    assert_eq!((kept.len(), kept[0].duplicates), (1, 1), "a long id still finds its duplicate");
    let (event_type, key) = (&kept[0].events[0].1, kept[0].dedupe_key.as_ref().unwrap());
    assert!(event_type.chars().count() == 256 && !event_type.contains('\u{1b}'));
    assert!(key.starts_with("id-sha256:") && key.len() < 100, "{key}");
}
