//! For a connector's own unit tests: a context whose transport gives canned answers and keeps what was asked.
//!
//! What lives here: what such tests share. What must not: judging; that is the contract suite's, with fixtures.
#![allow(clippy::expect_used, reason = "a test's own set-up; it fails with these words")]

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use connector_core::{
    Connector, ConnectorSpec, Cx, FixedClock, Request, Response, Result, Secret, SecretSource, Timestamp, Transport,
    transport::CallContext,
};
use serde_json::Value;

/// What the transport gives for one request.
pub type Answer = Result<Response>;

/// The value of every secret here.
pub const SECRET: &str = "t";

/// The requests that were sent.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<Vec<Request>>>);

impl Sent {
    /// Takes them, oldest first.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Canned {
    answers: Mutex<VecDeque<Answer>>,
    sent: Sent,
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request, _: &CallContext) -> Answer {
        self.sent.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        answer.expect("more requests were sent than answers are canned")
    }
}

struct AnySecret;

#[async_trait]
impl SecretSource for AnySecret {
    async fn secret(&self, _: &str) -> Result<Secret> {
        Ok(Secret::from(SECRET))
    }

    fn has(&self, _: &str) -> bool {
        true
    }
}

/// A context with these values over the params' defaults; every secret is [`SECRET`]. The time is the Unix epoch.
///
/// # Panics
/// When `values` is no object, and later when more is sent than answers are canned.
pub fn cx(spec: &ConnectorSpec, values: Value, answers: Vec<Answer>) -> (Cx, Sent) {
    let sent = Sent::default();
    let connector = Connector::from(spec);
    let mut all = values.as_object().expect("values are an object").clone();
    for p in &connector.info().params {
        if let Some(d) = &p.default {
            all.entry(p.id.clone()).or_insert_with(|| d.clone());
        }
    }
    let transport = Arc::new(Canned { answers: Mutex::new(answers.into()), sent: sent.clone() });
    let cx = connector.cx(all, transport, Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).secrets(Arc::new(AnySecret));
    (cx.build(), sent)
}

/// An answer with a JSON body.
///
/// # Panics
/// When status or a header cannot be one.
pub fn response(status: u16, headers: &[(&'static str, &str)], body: Value) -> Response {
    let mut r = Response {
        status: status.try_into().expect("a status"),
        headers: http::HeaderMap::new(),
        body: body.to_string().into(),
    };
    for (name, value) in headers {
        r.headers.insert(*name, value.parse().expect("a header's value"));
    }
    r
}

/// The JSON body of a request that was sent.
///
/// # Panics
/// When it has none.
pub fn sent_json(request: &Request) -> Value {
    let filled = block_on(request.clone().fill(&AnySecret)).expect("a request that can be filled");
    serde_json::from_slice(&filled.body).expect("a JSON body")
}

/// Runs a future that never waits, as all here: one poll is enough.
///
/// # Panics
/// When it waits.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(v) => v,
        Poll::Pending => panic!("canned answers never wait"),
    }
}
