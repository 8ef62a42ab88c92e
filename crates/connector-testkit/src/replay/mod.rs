//! A transport that answers from a fixture and compares every request with it, whole.
//!
//! What lives here: the transport and what it noticed. What must not: judging the result of the call. A difference is
//! recorded, never only returned as an error, since a connector could swallow that; the fixture's answer is given all
//! the same, so that one fault does not hide the next.

mod diff;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{
    Error, ErrorKind, Request, Response, Result, RetryAdvice, Transport, hosts::is_declared, transport::CallContext,
};

pub(crate) use diff::basic;
pub use diff::{compare_json, contains};

use crate::{
    fixture::{Exchange, ResponseFixture},
    values::TestValues,
};

/// More requests than this in one call are a loop.
const MOST_REQUESTS: usize = 200;

/// What the transport answers with at one place of the script, in place of the fixture's own answer.
#[derive(Clone)]
pub enum Answer {
    /// This response.
    Response(Response),
    /// A failure of the transport itself.
    Failure(Error),
    /// 401, 400 … with everything that was sent in it: how a careless service echoes secrets.
    Echo {
        /// Status code.
        status: u16,
        /// Whether the echo stands in every text of the fixture's own JSON answer; else it is a body of its own.
        in_place: bool,
    },
}

/// What a call did that it should not, or did not that it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// A request that differs from the fixture, with a diff.
    Different(String),
    /// A request to a host that is not declared.
    Host(String),
    /// More requests than the fixture has.
    TooMany(String),
    /// Fewer requests than the fixture has.
    Unused(String),
}

struct State {
    sent: usize,
    noticed: Vec<Noticed>,
}

/// The transport.
pub struct Replay {
    exchanges: Arc<[Exchange]>,
    instead: Option<(usize, Answer)>,
    values: Arc<TestValues>,
    compare: bool,
    state: Mutex<State>,
}

impl Replay {
    /// Replays these exchanges for a connection with these values.
    pub fn new(exchanges: &Arc<[Exchange]>, values: &Arc<TestValues>) -> Self {
        Self {
            exchanges: exchanges.clone(),
            instead: None,
            values: values.clone(),
            compare: true,
            state: Mutex::new(State { sent: 0, noticed: Vec::new() }),
        }
    }

    /// Answers the request at `index`, and no other, with something else; requests are then no longer compared.
    #[must_use]
    pub fn instead(mut self, index: usize, answer: Answer) -> Self {
        self.instead = Some((index, answer));
        self.compare = false;
        self
    }

    /// How many requests were sent.
    pub fn sent(&self) -> usize {
        self.lock().sent
    }

    /// Everything that was noticed; call it when the call is over.
    pub fn noticed(&self) -> Vec<Noticed> {
        let state = self.lock();
        let mut all = state.noticed.clone();
        for e in self.exchanges.iter().skip(state.sent) {
            all.push(Noticed::Unused(format!("{} {} was never sent", e.request.method, e.request.url)));
        }
        all
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        // Gives a time limit around the call the chance to end a connector that asks for ever.
        tokio::task::yield_now().await;
        let filled = request.fill(context.secrets.as_ref()).await?;
        let index = {
            let mut state = self.lock();
            state.sent += 1;
            if let Some(host) = filled.url.host_str()
                && !filled.given_by_service
                && !is_declared(host, &context.hosts)
            {
                let list = context.hosts.join(", ");
                state.noticed.push(Noticed::Host(format!(
                    "{} is not declared (declared: {list}); add it to the connector's or the action's hosts",
                    host
                )));
            }
            state.sent - 1
        };
        let Some(exchange) = self.exchanges.get(index) else {
            if self.compare && index < self.exchanges.len() + 5 {
                let text =
                    format!("request {}: {} {}", index + 1, filled.method, diff::shown_url(&filled.url, &self.values));
                self.lock().noticed.push(Noticed::TooMany(text));
            }
            let e = Error::new(ErrorKind::UpstreamUnavailable, "the fixture has no further exchange");
            return Err(if index > MOST_REQUESTS { e.with_retry(RetryAdvice::Never) } else { e });
        };
        if self.compare {
            let differences = diff::compare_request(&exchange.request, &filled, &self.values);
            if !differences.is_empty() {
                let text = format!("request {}:\n    {}", index + 1, differences.join("\n    "));
                self.lock().noticed.push(Noticed::Different(text));
            }
        }
        match self.instead.as_ref().filter(|(at, _)| *at == index).map(|(_, answer)| answer) {
            None => response(&exchange.response),
            Some(Answer::Response(r)) => Ok(r.clone()),
            Some(Answer::Failure(e)) => Err(e.clone()),
            Some(Answer::Echo { status, in_place }) => echo(&filled, &exchange.response, *status, *in_place),
        }
    }
}

/// A fixture's answer as the transport gives it.
///
/// # Errors
/// `Internal` when a header of the fixture cannot be one.
pub fn response(r: &ResponseFixture) -> Result<Response> {
    Ok(Response { body: Bytes::from(r.body.to_bytes()), ..without_body(r)? })
}

/// A fixture's answer but for its body, which costs most to write down.
///
/// # Errors
/// As [`response`].
pub(crate) fn without_body(r: &ResponseFixture) -> Result<Response> {
    let wrong = |what: String| Error::internal(format!("the fixture's answer: {what}"));
    let mut headers = http::HeaderMap::new();
    for (name, value) in &r.headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|e| wrong(e.to_string()))?;
        headers.insert(name, value.parse().map_err(|_| wrong("a header value".into()))?);
    }
    if !headers.contains_key("content-type")
        && let Some(ct) = r.body.implied_content_type()
    {
        headers.insert("content-type", http::HeaderValue::from_static(ct));
    }
    Ok(Response {
        status: http::StatusCode::from_u16(r.status).map_err(|e| wrong(e.to_string()))?,
        headers,
        body: Bytes::new(),
    })
}

fn echo(
    filled: &connector_core::request::Filled,
    fixture: &ResponseFixture,
    status: u16,
    in_place: bool,
) -> Result<Response> {
    let mut said = format!("{} {} ", filled.method, filled.url);
    for (name, value) in &filled.headers {
        said.push_str(&format!("{name}: {} ", String::from_utf8_lossy(value.as_bytes())));
    }
    said.push_str(&String::from_utf8_lossy(&filled.body));
    let mut out = without_body(fixture)?;
    out.status = http::StatusCode::from_u16(status).map_err(|e| Error::internal(e.to_string()))?;
    // Every key that services put an error's words under; whichever the connector reads, it reads the echo.
    let body = if in_place {
        match &fixture.body {
            crate::fixture::BodyForm::Json(v) => crate::fixture::map_texts(v, &|t| format!("{t} {said}")).to_string(),
            _ => said.clone(),
        }
    } else {
        serde_json::json!({
            "ok": false, "error": said, "message": said, "msg": said, "code": said, "error_description": said,
            "errors": [{"message": said, "code": said, "field": said}], "errorMessages": [said],
            "documentation_url": said, "details": said, "title": said, "detail": said,
        })
        .to_string()
    };
    out.headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    if let Ok(v) = http::HeaderValue::from_str(filled.url.as_str()) {
        out.headers.insert("location", v);
    }
    out.body = Bytes::from(body);
    Ok(out)
}
