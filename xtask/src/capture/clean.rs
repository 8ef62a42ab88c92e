//! Takes secrets out of what was captured, by their form and by the names of their fields.
//!
//! What must not live here: the forms of known tokens, which the contract suite's own scan knows ([`secrets_scan`]), so
//! that both always agree.

use serde_json::Value;

// Judged by the testkit's own lints; only two of its functions are used here.
#[allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::indexing_slicing)]
#[path = "../../../crates/connector-testkit/src/secrets_scan.rs"]
pub(super) mod secrets_scan;

/// What stands in the place of a secret.
const REDACTED: &str = "redacted";

/// Fields whose text is a secret whatever it looks like, lower case.
const SECRET_KEYS: &[&str] = &[
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "verification_token",
    "client_secret",
    "secret",
    "signing_secret",
    "webhook_secret",
    "api_key",
    "apikey",
    "password",
    "private_key",
    "authorization",
    "response_url",
    "hooksecret",
];

/// Takes secrets out and remembers where.
#[derive(Debug, Default)]
pub(super) struct Cleaner {
    pub(super) removed: Vec<String>,
}

impl Cleaner {
    pub(super) fn text(&mut self, text: &str, at: &str) -> String {
        let clean = secrets_scan::redact(text);
        if clean != text {
            self.removed.push(at.to_owned());
        }
        clean
    }

    /// A value by the name of its field.
    pub(super) fn field(&mut self, name: &str, value: &str, at: &str) -> String {
        if is_secret_key(name) && !value.is_empty() {
            self.removed.push(at.to_owned());
            return REDACTED.into();
        }
        // Slack's `payload` and its like: JSON in a text.
        if value.starts_with(['{', '['])
            && let Ok(mut v) = serde_json::from_str::<Value>(value)
        {
            let before = self.removed.len();
            self.json(&mut v, at);
            return if self.removed.len() == before { value.to_owned() } else { v.to_string() };
        }
        self.text(value, at)
    }

    pub(super) fn json(&mut self, value: &mut Value, at: &str) {
        match value {
            Value::Object(map) => {
                for (k, v) in map {
                    let at = format!("{at}/{k}");
                    match v {
                        Value::String(s) => *s = self.field(k, s, &at),
                        other => self.json(other, &at),
                    }
                }
            }
            Value::Array(list) => {
                for (i, v) in list.iter_mut().enumerate() {
                    self.json(v, &format!("{at}/{i}"));
                }
            }
            Value::String(s) => *s = self.text(s, at),
            _ => {}
        }
    }

    pub(super) fn query(&mut self, query: &str) -> String {
        let pieces = query.split('&').filter(|p| !p.is_empty()).map(|p| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            let clean = self.field(name, value, &format!("query {name}"));
            if clean == value { p.to_owned() } else { format!("{name}={REDACTED}") }
        });
        pieces.collect::<Vec<_>>().join("&")
    }
}

fn is_secret_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_KEYS.contains(&lower.as_str())
}
