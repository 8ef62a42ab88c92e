//! Tests of what the fixtures cannot show: the vendor's signature vector, broken answers, the check of credentials.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};

use connector_core::{
    Connector, Cx, Error, ErrorKind, FixedClock, Method, Request, Response, Result, Secret, SecretMap, SecretSource,
    Timestamp, Transport, Validation,
    budget::KeyPart,
    transport::CallContext,
    webhook::{Inbound, Incoming, Refusal, sign, verify},
};
use serde_json::{Value, json};

use crate::{CONNECTOR, webhook::webhook};

/// Status, headers, body.
type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

/// Gives these answers, one after the other.
struct Canned(Mutex<Vec<Answer>>);

#[async_trait::async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        request.fill(context.secrets.as_ref()).await?;
        let (status, given, body) = self.0.lock().unwrap().remove(0);
        let mut headers = http::HeaderMap::new();
        for (n, v) in given {
            headers.insert(*n, v.parse().unwrap());
        }
        Ok(Response { status: http::StatusCode::from_u16(status).unwrap(), headers, body: body.into() })
    }
}

fn canned(answers: &[Answer]) -> Canned {
    Canned(Mutex::new(answers.to_vec()))
}

fn cx(connector: &Connector, transport: Canned, secrets: &[&str], values: Value) -> Cx {
    let map = secrets.iter().fold(SecretMap::new(), |m, id| match *id {
        "incoming_webhook_url" => m.with(*id, "https://hooks.slack.com/services/T00000000/B00000000/canary"),
        _ => m.with(*id, "canary"),
    });
    let kept: Vec<&str> = secrets.to_vec();
    let cleaned = connector.clean_params(values.as_object().unwrap(), &kept).unwrap().values;
    let secrets: Arc<dyn SecretSource> = Arc::new(map);
    connector.cx(cleaned, Arc::new(transport), Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).secrets(secrets).build()
}

async fn validate(answers: &[Answer], secrets: &[&str], values: Value) -> Validation {
    let c = Connector::from(&CONNECTOR);
    c.validate(&cx(&c, canned(answers), secrets, values)).await
}

fn pointers(v: &Validation) -> Vec<&str> {
    v.errors.iter().map(|e| e.pointer.as_str()).collect()
}

const WHO: &str = r#"{"ok":true,"team":"Example","user":"bot","team_id":"T1","user_id":"U1","bot_id":"B1"}"#;

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_a_protocol_error() {
    let c = Connector::from(&CONNECTOR);
    for body in [
        "",
        "null",
        "[]",
        "ok",
        "<html>",
        r#"{"ok":true,"channel":"C1","ts":"1.2""#,
        r#"{"channel":"C1","ts":"1.2"}"#,
        r#"{"ok":"true","channel":"C1","ts":"1.2"}"#,
        r#"{"ok":true}"#,
        r#"{"ok":true,"channel":"C1"}"#,
        r#"{"ok":true,"channel":"C1","ts":1.2}"#,
        r#"{"ok":false}"#,
        r#"{"ok":false,"error":"Bearer CANARY"}"#,
    ] {
        let cx = cx(&c, canned(&[(200, &[], body)]), &["bot_token"], json!({}));
        let e = c.call("chat_post_message", &cx, json!({"channel": "C1", "text": "x"})).await.unwrap_err();
        assert_eq!((e.kind(), e.retry().as_str()), (ErrorKind::Protocol, "ambiguous"), "{body}: {e}");
        assert!(!e.to_string().contains("CANARY") && !e.caller_text().contains("CANARY"), "{e}");
    }
}

#[tokio::test]
async fn a_proxys_page_is_not_quoted() {
    let c = Connector::from(&CONNECTOR);
    let cx = cx(&c, canned(&[(502, &[], "<html>authorization: Bearer canary</html>")]), &["bot_token"], json!({}));
    let e = c.call("auth_test", &cx, json!({})).await.unwrap_err();
    assert_eq!((e.kind(), e.status()), (ErrorKind::UpstreamUnavailable, Some(502)));
    assert!(!e.to_string().contains("canary"), "{e}");
}

#[tokio::test]
async fn a_token_tells_who_it_is() {
    let v = validate(&[(200, &[("x-oauth-scopes", "chat:write, users:read")], WHO)], &["bot_token"], json!({})).await;
    assert!(v.errors.is_empty(), "{:?}", v.errors);
    assert_eq!(v.identity["team_id"], "T1");
    assert_eq!(v.account.as_deref(), Some("bot @ Example"));
    assert_eq!(v.scopes, ["chat:write", "users:read"]);
}

#[tokio::test]
async fn only_an_org_wide_installation_is_known_by_its_organization() {
    const ORG: &str = r#"{"ok":true,"team_id":"E1","user_id":"U1","enterprise_id":"E1","is_enterprise_install":true}"#;
    const ONE: &str = r#"{"ok":true,"team_id":"T1","user_id":"U1","enterprise_id":"E1","is_enterprise_install":false}"#;
    let v = validate(&[(200, &[], ORG)], &["bot_token"], json!({})).await;
    assert_eq!(v.identity["enterprise_id"], "E1");
    let v = validate(&[(200, &[], ONE)], &["bot_token"], json!({})).await;
    assert!(!v.identity.contains_key("enterprise_id"));
}

#[tokio::test]
async fn wrong_credentials_are_errors_of_their_fields() {
    const BAD: &str = r#"{"ok":false,"error":"invalid_auth"}"#;
    let token = &["bot_token"][..];
    let url = &["incoming_webhook_url"][..];
    type Case = (&'static [Answer], &'static [&'static str], Value, Vec<&'static str>);
    let cases: Vec<Case> = vec![
        (&[(200, &[], BAD)], token, json!({}), vec!["/bot_token"]),
        (&[(200, &[], WHO)], token, json!({"team_id": "T2"}), vec!["/team_id"]),
        (&[(404, &[], "nothing here")], token, json!({}), vec!["/base_url"]),
        (&[(200, &[], "<html>")], token, json!({}), vec!["/base_url"]),
        (&[(503, &[], "")], token, json!({}), vec![""]),
        (&[], &[], json!({}), vec!["/bot_token", "/incoming_webhook_url"]),
        (&[(400, &[], "no_text")], url, json!({}), vec![]),
        (&[(400, &[], "invalid_payload")], url, json!({}), vec![]),
        (&[(403, &[], "invalid_token")], url, json!({}), vec!["/incoming_webhook_url"]),
        (&[(404, &[], "no_service")], url, json!({}), vec!["/incoming_webhook_url"]),
        (&[(404, &[], "<html>")], url, json!({}), vec!["/incoming_webhook_url"]),
        (&[(410, &[], "channel_is_archived")], url, json!({}), vec!["/incoming_webhook_url"]),
        (&[(302, &[], "")], url, json!({}), vec!["/incoming_webhook_url"]),
        (&[(200, &[], "ok")], url, json!({}), vec!["/incoming_webhook_url"]),
        (&[(500, &[], "rollup_error")], url, json!({}), vec![""]),
    ];
    for (answers, secrets, values, want) in cases {
        let v = validate(answers, secrets, values).await;
        assert_eq!(pointers(&v), want, "{answers:?}");
        assert!(v.errors.iter().all(|e| !e.message.contains("canary")), "{:?}", v.errors);
    }
    let both = &["bot_token", "incoming_webhook_url"][..];
    let v = validate(&[(200, &[], WHO), (404, &[], "no_service")], both, json!({})).await;
    assert_eq!(pointers(&v), ["/incoming_webhook_url"]);
    let v = validate(&[(200, &[], WHO), (400, &[], "no_text")], both, json!({})).await;
    assert!(v.errors.is_empty() && v.identity.contains_key("team_id"));
}

#[test]
fn an_incoming_webhook_url_goes_to_slack_and_nowhere_else() {
    let c = Connector::from(&CONNECTOR);
    let clean = |url: &str| c.clean_params(json!({"incoming_webhook_url": url}).as_object().unwrap(), &[]);
    assert!(clean("https://hooks.slack.com/services/T0/B0/x").is_ok());
    assert!(clean("https://hooks.slack-gov.com/services/T0/B0/x").is_ok());
    for bad in [
        "http://hooks.slack.com/services/T0/B0/x",
        "https://hooks.slack.com.evil.example/services/T0/B0/x",
        "https://hooksXslack.com/services/T0/B0/x",
        "https://hooks.slack.com/services/",
        "https://evil.example/?https://hooks.slack.com/services/T0/B0/x",
        "https://a:b@hooks.slack.com/services/T0/B0/x",
    ] {
        let e = clean(bad).err().unwrap();
        assert!(e.fields().iter().any(|f| f.pointer == "/incoming_webhook_url"), "{bad}: {e}");
    }
}

/// The vendor's vector: <https://docs.slack.dev/authentication/verifying-requests-from-slack>.
const SIGNED: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

fn inbound(content_type: &str, body: &str, headers: &[(&'static str, &str)]) -> Inbound {
    let mut map = http::HeaderMap::new();
    map.insert("content-type", content_type.parse().unwrap());
    for (n, v) in headers {
        map.insert(*n, v.parse().unwrap());
    }
    let at = Timestamp::from_second(1_531_420_618).unwrap();
    Inbound::new(Method::POST, "https://gw.example/webhooks/slack", map, body.to_owned().into(), at)
}

fn vector() -> Inbound {
    inbound(
        "application/x-www-form-urlencoded",
        SIGNED,
        &[
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ("x-slack-request-timestamp", "1531420618"),
        ],
    )
}

#[test]
fn the_vendors_signature_vector() {
    let key = [Secret::from("8f742231b10e8888abcd99yyyzzz85a5")];
    let at = |s| Timestamp::from_second(s).unwrap();
    let how = webhook().verification;
    let verified = verify(&how, vector(), &key, at(1_531_420_618)).ok().unwrap();
    let read = webhook().read(&verified).unwrap();
    assert_eq!(read[0].event_type, "slash_command");
    assert_eq!(read[0].subject.as_deref(), Some("G8PSS9T3V"));
    assert_eq!(read[0].payload["command"], "/webhook-collect");
    assert!(verify(&how, vector(), &key, at(1_531_420_618 + 300)).is_ok());
    assert!(matches!(verify(&how, vector(), &key, at(1_531_420_618 + 301)), Err(Refusal::Stale { .. })));
    assert!(matches!(verify(&how, vector(), &[Secret::from("x")], at(1_531_420_618)), Err(Refusal::Mismatch(_))));
}

fn read(content_type: &str, body: &str) -> Result<Incoming> {
    let now = Timestamp::from_second(1_531_420_618).unwrap();
    let key = Secret::from("k");
    let mut r = inbound(content_type, body, &[]);
    sign(&webhook().verification, &mut r, &key, now).unwrap();
    let verified = verify(&webhook().verification, r, &[key], now).ok().unwrap();
    webhook().read(&verified).map(|mut all| all.remove(0))
}

#[test]
fn whatever_comes_is_read_or_refused_without_a_crash() {
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    for (content_type, body, want) in [
        (json, "{}", "unknown"),
        (json, "[]", "unknown"),
        (json, r#"{"type":7}"#, "unknown"),
        (json, r#"{"type":"event_callback"}"#, "event_callback"),
        (json, r#"{"type":"event_callback","event":{}}"#, "unknown"),
        (
            json,
            r#"{"type":"event_callback","event":{"type":"message","subtype":"x"},"event_time":-1e300}"#,
            "message.x",
        ),
        (form, "", "unknown"),
        (form, "a=1&a=2", "unknown"),
        (form, "payload=nope", "unknown"),
        (form, "payload=7", "unknown"),
        (form, "payload=%7B%7D", "interaction.unknown"),
        (form, "payload=%7B%22type%22%3A%22shortcut%22%2C%22action_ts%22%3A%22x.%C3%A9%22%7D", "interaction.shortcut"),
    ] {
        assert_eq!(read(content_type, body).unwrap().event_type, want, "{body}");
    }
    assert!(read(json, "not json").is_err());
}

#[test]
fn times_are_read_to_the_microsecond() {
    let body = r#"payload={"type":"block_actions","actions":[{"action_ts":"1548426417.840180"}]}"#;
    let at = read("application/x-www-form-urlencoded", body).unwrap().occurred_at.unwrap();
    assert_eq!(at.as_microsecond(), 1_548_426_417_840_180);
    let at = read("application/json", r#"{"type":"event_callback","event":{"type":"x"},"event_time":1}"#).unwrap();
    assert_eq!(at.occurred_at, Timestamp::from_second(1).ok());
}

/// Keeps what the calls count in, and answers nothing.
#[derive(Default)]
struct Counted(Mutex<Vec<Vec<KeyPart>>>);

#[async_trait::async_trait]
impl Transport for Counted {
    async fn send(&self, _: Request, context: &CallContext) -> Result<Response> {
        self.0.lock().unwrap().extend(context.budgets.iter().map(|u| u.key.clone()));
        Err(Error::new(ErrorKind::UpstreamUnavailable, "nobody there"))
    }
}

#[tokio::test]
async fn a_workspace_is_counted_at_its_address() {
    let c = Connector::from(&CONNECTOR);
    let mut keys = Vec::new();
    for base_url in ["https://slack.com/api", "https://slack.com/api/", "https://slack.example/api"] {
        let counted = Arc::new(Counted::default());
        let values = c.clean_params(json!({"base_url": base_url}).as_object().unwrap(), &["bot_token"]).unwrap().values;
        let cx = c
            .cx(values, counted.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
            .secrets(Arc::new(SecretMap::new().with("bot_token", "canary")))
            .identity([("team_id".to_owned(), "T1".to_owned())].into())
            .build();
        for (action, input) in
            [("chat_post_message", json!({"channel": "C1", "text": "x"})), ("conversations_list", json!({}))]
        {
            c.call(action, &cx, input).await.unwrap_err();
        }
        keys.push(std::mem::take(&mut *counted.0.lock().unwrap()));
    }
    assert_eq!(keys[0], keys[1]);
    assert_eq!((keys[0].len(), keys[2].len()), (3, 3), "{keys:?}");
    assert!(keys[0].iter().zip(&keys[2]).all(|(a, b)| a != b), "{keys:?}");
}
