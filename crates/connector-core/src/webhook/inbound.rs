//! An inbound request as it came, and locators: where in it something stands.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An inbound request: raw bytes, nothing trusted yet.
#[derive(Clone)]
pub struct Inbound {
    /// Method.
    pub method: Method,
    /// The URL as the service knows it: the gateway's public URL, path and query.
    pub public_url: String,
    /// What follows the connection in the path, without the leading slash; often empty.
    pub path_tail: String,
    /// Raw query, without the question mark.
    pub query: String,
    /// Headers as received.
    pub headers: HeaderMap,
    /// The body as received; it need not be UTF-8.
    pub body: Bytes,
    /// When it was received.
    pub received_at: Timestamp,
    // Shared by clones: a request that is tried with several keys is parsed once.
    json: Arc<OnceLock<Option<Value>>>,
    form: Arc<OnceLock<Vec<(String, String)>>>,
}

impl Inbound {
    /// A request; parsed forms of its body are made once, when asked for.
    pub fn new(
        method: Method,
        public_url: impl Into<String>,
        headers: HeaderMap,
        body: Bytes,
        received_at: Timestamp,
    ) -> Self {
        let public_url = public_url.into();
        let query = public_url.split_once('?').map_or_else(String::new, |(_, q)| q.to_owned());
        Self {
            method,
            public_url,
            path_tail: String::new(),
            query,
            headers,
            body,
            received_at,
            json: Arc::default(),
            form: Arc::default(),
        }
    }

    /// Sets the rest of the path, see [`Inbound::path_tail`].
    #[must_use]
    pub fn with_path_tail(mut self, tail: impl Into<String>) -> Self {
        self.path_tail = tail.into();
        self
    }

    /// Replaces the body and forgets what was parsed from the old one.
    pub fn set_body(&mut self, body: Bytes) {
        self.body = body;
        self.json = Arc::default();
        self.form = Arc::default();
    }

    /// The media type without parameters, lower case.
    pub fn media_type(&self) -> String {
        let v = self.headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        v.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as JSON, if it is; nesting deeper than 128 is not.
    pub fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_slice(&self.body).ok()).as_ref()
    }

    /// The body's form fields; none if it is no form.
    pub fn form(&self) -> &[(String, String)] {
        self.form.get_or_init(|| {
            if self.media_type() != "application/x-www-form-urlencoded" {
                return Vec::new();
            }
            url::form_urlencoded::parse(&self.body).into_owned().collect()
        })
    }

    /// A header that is there exactly once, as text. A doubled header is no header: two parties could read two values.
    pub fn single_header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (Some(v), None) => v.to_str().ok(),
            _ => None,
        }
    }

    /// A query parameter.
    pub fn query_param(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }
}

impl std::fmt::Debug for Inbound {
    // Headers and body may hold secrets and customers' data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbound").field("method", &self.method).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// Where in an inbound request something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locator {
    /// A header, by name. It counts only when it is there exactly once.
    Header(String),
    /// A query parameter.
    Query(String),
    /// The rest of the path after the connection.
    PathTail,
    /// A JSON pointer into the JSON body.
    Body(String),
    /// A field of a form body.
    Form(String),
    /// A JSON pointer into a form field that holds JSON, such as Slack's `payload`.
    FormJson(String, String),
    /// The origin (`https://host`) of the URL at a JSON pointer into the body, such as that of Jira's `/issue/self`.
    Origin(String),
}

impl Locator {
    /// Shorthand for a header.
    pub fn header(name: &str) -> Self {
        Self::Header(name.to_ascii_lowercase())
    }

    /// Shorthand for a JSON pointer into the body.
    pub fn body(pointer: &str) -> Self {
        Self::Body(pointer.to_owned())
    }

    /// What stands there, as text; numbers and booleans as JSON writes them.
    pub fn get(&self, r: &Inbound) -> Option<String> {
        match self {
            Self::Header(name) => r.single_header(name).map(str::to_owned),
            Self::Query(name) => r.query_param(name),
            Self::PathTail => Some(r.path_tail.clone()).filter(|t| !t.is_empty()),
            Self::Body(pointer) => scalar(r.json()?.pointer(pointer)?),
            Self::Form(field) => r.form().iter().find(|(n, _)| n == field).map(|(_, v)| v.clone()),
            Self::FormJson(field, pointer) => {
                let text = &r.form().iter().find(|(n, _)| n == field)?.1;
                scalar(serde_json::from_str::<Value>(text).ok()?.pointer(pointer)?)
            }
            Self::Origin(pointer) => {
                let url = crate::request::parse_url(r.json()?.pointer(pointer)?.as_str()?).ok()?;
                Some(url.origin().ascii_serialization())
            }
        }
    }
}

fn scalar(v: &Value) -> Option<String> {
    match v {
        Value::String(s) => Some(s.clone()),
        Value::Number(_) | Value::Bool(_) => Some(v.to_string()),
        _ => None,
    }
}

/// Something that must hold of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Where to look.
    pub at: Locator,
    /// The value it must have; `None`: it must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}

impl Condition {
    /// `at` must have this value.
    pub fn is(at: Locator, value: &str) -> Self {
        Self { at, is: Some(value.to_owned()) }
    }

    /// `at` must be there.
    pub fn present(at: Locator) -> Self {
        Self { at, is: None }
    }

    /// Whether it holds.
    pub fn holds(&self, r: &Inbound) -> bool {
        match (&self.is, self.at.get(r)) {
            (Some(want), Some(got)) => *want == got,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }
}
