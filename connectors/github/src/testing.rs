//! What this crate's own tests share: a context whose transport gives fixed answers and keeps what was asked.

#![allow(clippy::unwrap_used)]

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use connector_core::{
    Connector, Cx, FixedClock, Request, Response, Result, SecretMap, Timestamp, Transport, transport::CallContext,
};
use serde_json::Value;

pub(crate) type Answer = Result<Response>;

/// The requests that were sent.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<Request>>>);

impl Sent {
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Fixed {
    answers: Mutex<VecDeque<Answer>>,
    sent: Sent,
}

#[async_trait::async_trait]
impl Transport for Fixed {
    async fn send(&self, request: Request, _: &CallContext) -> Answer {
        self.sent.0.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().unwrap()
    }
}

pub(crate) fn connector() -> Connector {
    Connector::from(&crate::CONNECTOR)
}

/// A context with the params' defaults and these values.
pub(crate) fn cx(values: Value, answers: Vec<Answer>) -> (Cx, Sent) {
    let sent = Sent::default();
    let connector = connector();
    let mut all = values.as_object().unwrap().clone();
    for p in &connector.info().params {
        if let Some(d) = &p.default {
            all.entry(p.id.clone()).or_insert_with(|| d.clone());
        }
    }
    let transport = Arc::new(Fixed { answers: Mutex::new(answers.into()), sent: sent.clone() });
    let secrets = SecretMap::new().with("token", "t");
    let cx = connector.cx(all, transport, Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).secrets(Arc::new(secrets));
    (cx.build(), sent)
}

pub(crate) fn response(status: u16, headers: &[(&'static str, &str)], body: Value) -> Response {
    let mut r =
        Response { status: status.try_into().unwrap(), headers: Default::default(), body: body.to_string().into() };
    for (name, value) in headers {
        r.headers.insert(*name, value.parse().unwrap());
    }
    r
}

/// Nothing here ever waits, so one poll is enough.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(v) => v,
        Poll::Pending => panic!("the fixed transport never waits"),
    }
}
