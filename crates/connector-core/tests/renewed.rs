//! A request that the service refuses with 401 is made once more with a renewed token, and never oftener.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connector_core::{
    Connector, Cx, Error, ErrorKind, FixedClock, Invoke, Method, Request, Response, Result, Secret, SecretSlot,
    SecretSource, Timestamp, Transport, info::ActionInfo, transport::CallContext,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

/// Takes the tokens that it is told of.
struct Service {
    takes: &'static str,
    sent: Mutex<Vec<String>>,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let filled = request.fill(context.secrets.as_ref()).await?;
        let token = filled.headers["authorization"].to_str().unwrap().to_owned();
        let status = if token == self.takes { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        let body = format!("{token} {}", String::from_utf8_lossy(&filled.body));
        self.sent.lock().unwrap().push(body.clone());
        Ok(Response { status, headers: HeaderMap::new(), body: body.into() })
    }
}

/// Has a first token, and others once the first is refused.
struct Renewing {
    tokens: Mutex<Vec<&'static str>>,
    dead: bool,
}

#[async_trait]
impl SecretSource for Renewing {
    async fn secret(&self, _: &str) -> Result<Secret> {
        Ok(Secret::from(self.tokens.lock().unwrap()[0]))
    }

    fn has(&self, _: &str) -> bool {
        true
    }

    fn renews(&self) -> bool {
        true
    }

    async fn refused(&self, id: &str, secret: &Secret) -> Result<bool> {
        assert_eq!(id, "token");
        if self.dead {
            return Err(Error::new(ErrorKind::Auth, "reconnect it"));
        }
        let mut tokens = self.tokens.lock().unwrap();
        assert!(secret.eq_constant_time(tokens[0].as_bytes()));
        Ok(tokens.len() > 1 && !tokens.remove(0).is_empty())
    }
}

struct Never(Arc<ActionInfo>);

impl Invoke for Never {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, _: &'a Cx, input: Value) -> connector_core::BoxFuture<'a, Result<Value>> {
        Box::pin(async move { Ok(input) })
    }
}

async fn sent(takes: &'static str, tokens: &[&'static str], dead: bool) -> (Result<Response>, Vec<String>) {
    let info = ActionInfo::new("acme", "never", json!({}), json!({}));
    let acme = Connector::builder("acme", "Acme")
        .host("acme.example")
        .action(Arc::new(Never(Arc::new(info))))
        .build()
        .unwrap();
    let service = Arc::new(Service { takes, sent: Mutex::default() });
    let secrets = Renewing { tokens: Mutex::new(tokens.to_vec()), dead };
    let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
    let cx = acme.cx(Map::new(), service.clone(), clock).secrets(Arc::new(secrets)).build();
    let request = Request::new(Method::POST, "https://acme.example/").unwrap().json(json!({"a": 1}));
    let slot = SecretSlot::Header { name: "authorization", prefix: "", secret: "token".into() };
    let result = cx.send(request.secret(slot)).await;
    let all = service.sent.lock().unwrap().clone();
    (result, all)
}

#[tokio::test]
async fn a_refused_request_is_made_once_more_as_it_was() {
    let (result, sent) = sent("CANARY-2", &["CANARY-1", "CANARY-2"], false).await;
    let response = result.unwrap();
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(sent, [r#"CANARY-1 {"a":1}"#, r#"CANARY-2 {"a":1}"#]);
    assert!(!response.text_excerpt(100).contains("CANARY"), "echoes of the new token are cut out too");
}

#[tokio::test]
async fn never_oftener_and_not_without_another_token() {
    let (result, all) = sent("CANARY-3", &["CANARY-1", "CANARY-2", "CANARY-3"], false).await;
    assert_eq!((result.unwrap().status.as_u16(), all.len()), (401, 2));
    let (result, all) = sent("CANARY-3", &["CANARY-1"], false).await;
    assert_eq!((result.unwrap().status.as_u16(), all.len()), (401, 1));
    let (result, all) = sent("CANARY-3", &["CANARY-1"], true).await;
    assert_eq!((result.unwrap_err().caller_text(), all.len()), ("reconnect it", 1));
}
