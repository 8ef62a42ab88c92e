//! An answer of the fake before it goes out.

use std::collections::BTreeMap;

use connector_core::{Error, Response, Result};

use super::ORIGIN;
use crate::fixture::ResponseFixture;

/// Status, headers (names in lower case) and body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// As a fixture has it.
    pub(super) fn of(r: &ResponseFixture) -> Self {
        let mut headers = r.headers.clone();
        if let Some(ct) = r.body.implied_content_type() {
            headers.entry("content-type".into()).or_insert_with(|| ct.into());
        }
        // The server counts for itself, and never compresses.
        for name in ["content-length", "transfer-encoding", "content-encoding", "connection"] {
            headers.remove(name);
        }
        Self { status: r.status, headers, body: r.body.to_bytes() }
    }

    /// A status with a text, of no service in particular.
    pub(super) fn plain(status: u16, text: &str) -> Self {
        Self::typed(status, "text/plain", text.as_bytes().to_vec())
    }

    /// A status with a body of this type.
    pub(super) fn typed(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: BTreeMap::from([("content-type".into(), content_type.into())]), body }
    }

    /// The same with another header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// The same as the fake at `origin` gives it: links that lead back to the fake lead there.
    pub(super) fn at(mut self, origin: &str) -> Self {
        if let Ok(text) = std::str::from_utf8(&self.body)
            && text.contains(ORIGIN)
        {
            self.body = text.replace(ORIGIN, origin).into_bytes();
        }
        self
    }

    /// As a transport gives it.
    pub(super) fn response(self) -> Result<Response> {
        let wrong = |e: String| Error::internal(format!("the fake's answer: {e}"));
        let mut headers = http::HeaderMap::new();
        for (name, value) in &self.headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|e| wrong(e.to_string()))?;
            headers.insert(name, value.parse().map_err(|_| wrong("a header's value".into()))?);
        }
        let status = http::StatusCode::from_u16(self.status).map_err(|e| wrong(e.to_string()))?;
        Ok(Response { status, headers, body: self.body.into() })
    }
}
