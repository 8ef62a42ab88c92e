//! The fixtures of actions, read as far as a comparison needs them. Their form is the contract suite's to judge
//! (`docs/fixtures.md`).

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use crate::{
    encoding::{base64, percent_decoded},
    model::Connector,
};

/// One file of `fixtures/actions/<action>`.
pub(super) struct Fixture {
    /// The file's name, such as `success.json`.
    pub(super) name: String,
    /// The addresses among the connection's values.
    pub(super) bases: Vec<String>,
    pub(super) exchanges: Vec<Exchange>,
    /// The kind of error that is expected, such as `protocol`.
    pub(super) error: Option<String>,
}

/// One request and its answer.
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) request: Message,
    pub(super) status: u64,
    pub(super) response: Message,
}

/// Headers (names in lower case) and a body.
pub(super) struct Message {
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Body,
}

/// A body in one of a fixture's forms.
pub(super) enum Body {
    Empty,
    Json(Value),
    Form(Vec<(String, String)>),
    /// Text, or bytes as far as they are text.
    Raw(String),
}

impl Message {
    /// The media type without its parameters, in lower case: told, or implied by the body's form.
    pub(super) fn media_type(&self) -> Option<String> {
        let implied = match self.body {
            Body::Json(_) => Some("application/json"),
            Body::Form(_) => Some("application/x-www-form-urlencoded"),
            Body::Raw(_) | Body::Empty => None,
        };
        let told = self.headers.get("content-type").map(String::as_str).or(implied)?;
        Some(told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    fn read(node: &Map<String, Value>) -> Result<Self> {
        let headers = node.get("headers").and_then(Value::as_object).into_iter().flatten();
        let headers = headers.filter_map(|(n, v)| Some((n.to_ascii_lowercase(), v.as_str()?.to_owned()))).collect();
        let text = |key: &str| node.get(key).and_then(Value::as_str);
        let body = if let Some(json) = node.get("json") {
            Body::Json(json.clone())
        } else if let Some(form) = node.get("form") {
            Body::Form(pairs(form))
        } else if let Some(text) = text("text") {
            Body::Raw(text.to_owned())
        } else if let Some(encoded) = text("base64") {
            let bytes = base64(encoded).context("`base64` does not decode")?;
            Body::Raw(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            Body::Empty
        };
        Ok(Self { headers, body })
    }
}

fn pairs(form: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    match form {
        Value::Object(map) => map.iter().map(|(n, v)| (n.clone(), text(v))).collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_array)
            .map(|p| (p.first().map(text).unwrap_or_default(), p.get(1).map(text).unwrap_or_default()))
            .collect(),
        _ => Vec::new(),
    }
}

impl Fixture {
    fn parse(name: &str, text: &str) -> Result<Self> {
        let root: Value = serde_json::from_str(text).context("it is not JSON")?;
        let values = root.get("values").and_then(Value::as_object).into_iter().flatten();
        let bases = values.filter_map(|(_, v)| v.as_str()).filter(|v| v.starts_with("http")).map(str::to_owned);
        let mut exchanges = Vec::new();
        for node in root.get("exchanges").and_then(Value::as_array).into_iter().flatten() {
            let part = |key: &str| node.get(key).and_then(Value::as_object).with_context(|| format!("no `{key}`"));
            let (request, response) = (part("request")?, part("response")?);
            let text = |key: &str| request.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            exchanges.push(Exchange {
                method: text("method"),
                url: text("url"),
                request: Message::read(request)?,
                status: response.get("status").and_then(Value::as_u64).context("a response has no `status`")?,
                response: Message::read(response)?,
            });
        }
        let error = root.pointer("/expect/error/kind").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { name: name.to_owned(), bases: bases.collect(), exchanges, error })
    }

    /// Every fixture of an action, in order of name. That there is one is codegen's to demand.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn of_action(root: &Path, connector: &Connector, action: &str) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for file in connector.action_fixtures(action) {
            let path = root.join("connectors").join(&connector.folder).join("fixtures").join(file);
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let name = file.rsplit('/').next().unwrap_or(file);
            all.push(Self::parse(name, &text).with_context(|| path.display().to_string())?);
        }
        Ok(all)
    }

    /// Whether an address stands in an answer before this exchange: then the service gave it, and no description can.
    pub(super) fn was_given(&self, exchange: usize) -> bool {
        // A connector may escape what the service wrote plainly.
        let plain = |text: &str| percent_decoded(text, false);
        let Some(url) = self.exchanges.get(exchange).map(|e| plain(&e.url)) else { return false };
        self.exchanges.iter().take(exchange).any(|e| {
            let headers = e.response.headers.values().any(|v| plain(v).contains(&url));
            headers
                || match &e.response.body {
                    Body::Json(json) => holds(json, &url),
                    Body::Raw(text) => plain(text).contains(&url),
                    Body::Form(_) | Body::Empty => false,
                }
        })
    }
}

fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(s) => percent_decoded(s, false) == text,
        Value::Array(items) => items.iter().any(|v| holds(v, text)),
        Value::Object(map) => map.values().any(|v| holds(v, text)),
        _ => false,
    }
}

#[cfg(test)]
impl Fixture {
    /// A fixture made of its JSON, for the tests of this module's neighbours.
    pub(super) fn of(json: &Value) -> Self {
        #[allow(clippy::unwrap_used)]
        Self::parse("success.json", &json.to_string()).unwrap()
    }
}
