//! An answer of the fake, and how it is spoilt.

use std::{collections::BTreeMap, time::Duration};

use wiremock::ResponseTemplate;

use super::Misbehaviour;
use crate::fixture::ResponseFixture;

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
    pub(super) delay: Option<Duration>,
}

impl Answer {
    pub(super) fn of(r: &ResponseFixture) -> Self {
        let mut headers = r.headers.clone();
        if let Some(ct) = r.body.implied_content_type() {
            headers.entry("content-type".into()).or_insert_with(|| ct.into());
        }
        // The server counts for itself, and never compresses.
        for name in ["content-length", "transfer-encoding", "content-encoding", "connection"] {
            headers.remove(name);
        }
        Self { status: r.status, headers, body: r.body.to_bytes(), delay: None }
    }

    pub(super) fn response(self) -> connector_core::Result<connector_core::Response> {
        let wrong = |e: String| connector_core::Error::internal(format!("the fake's answer: {e}"));
        let mut headers = http::HeaderMap::new();
        for (name, value) in &self.headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|e| wrong(e.to_string()))?;
            headers.insert(name, value.parse().map_err(|_| wrong("a header's value".into()))?);
        }
        let status = http::StatusCode::from_u16(self.status).map_err(|e| wrong(e.to_string()))?;
        Ok(connector_core::Response { status, headers, body: self.body.into() })
    }

    pub(super) fn template(self) -> ResponseTemplate {
        let mut t = ResponseTemplate::new(self.status);
        let content_type = self.headers.get("content-type").cloned().unwrap_or_default();
        if !self.body.is_empty() {
            t = t.set_body_raw(self.body, &content_type);
        }
        for (name, value) in self.headers.iter().filter(|(n, _)| *n != "content-type") {
            t = t.insert_header(name.as_str(), value.as_str());
        }
        match self.delay {
            Some(d) => t.set_delay(d),
            None => t,
        }
    }
}

/// The good answer, spoilt.
pub(super) fn spoilt(mut good: Answer, how: &Misbehaviour) -> Answer {
    match how {
        Misbehaviour::Status(status) => Answer {
            status: *status,
            headers: BTreeMap::from([("content-type".into(), "text/plain".into())]),
            body: format!("the fake service was told to answer {status}").into_bytes(),
            delay: None,
        },
        Misbehaviour::RateLimited { retry_after } => plain_429(*retry_after),
        Misbehaviour::Slow(d) => {
            good.delay = Some(*d);
            good
        }
        Misbehaviour::Truncated => {
            good.body.truncate(good.body.len() / 2);
            good
        }
        Misbehaviour::NotJson => Answer {
            status: good.status,
            headers: BTreeMap::from([("content-type".into(), "text/html".into())]),
            body: b"<!DOCTYPE html><html><body>be right back</body></html>".to_vec(),
            delay: None,
        },
        Misbehaviour::Empty => {
            good.body.clear();
            good
        }
    }
}

/// 429 of no service in particular.
pub(super) fn plain_429(retry_after: Option<u64>) -> Answer {
    let mut headers = BTreeMap::from([("content-type".into(), "text/plain".into())]);
    headers.extend(retry_after.map(|s| ("retry-after".to_owned(), s.to_string())));
    Answer { status: 429, headers, body: b"slow down".to_vec(), delay: None }
}
