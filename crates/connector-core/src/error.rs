//! The one error type: kind × retry advice × operator text × caller text.
//!
//! What lives here: the normalized kinds, the advice a retry engine obeys, and field errors.
//! What must not: the mapping from HTTP answers to kinds (that is [`crate::status`]) and any vendor's own codes.

use std::{borrow::Cow, fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Result with the connector [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in words that are the same for every service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's input is wrong; [`Error::fields`] names every failing field. Also: an unknown name.
    InvalidInput,
    /// The credential is missing, wrong, expired or revoked: authenticate again.
    Auth,
    /// The credential is good, but not allowed to do this (missing scope, not a member, SAML wall).
    Permission,
    /// The object does not exist, or the service hides that it does.
    NotFound,
    /// The object's state does not allow this: duplicate, stale revision, already done.
    Conflict,
    /// The service (or our own budget) asks to slow down; the advice says for how long.
    RateLimited,
    /// A paid or plan quota is used up: waiting does not help.
    Quota,
    /// The service failed or could not be reached.
    UpstreamUnavailable,
    /// No answer within the time allowed.
    Timeout,
    /// The service answered something that its contract does not allow.
    Protocol,
    /// The egress guard refused the call; it never left.
    Refused,
    /// The caller gave up.
    Cancelled,
    /// The connection or the gateway is set up wrongly (a param or a secret is missing).
    Misconfigured,
    /// The connector cannot do this at all.
    Unsupported,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// The kind as it is written in JSON, logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Quota => "quota",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Misconfigured => "misconfigured",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }

    /// The advice that fits this kind when nothing more is known.
    pub fn default_retry(self) -> RetryAdvice {
        match self {
            Self::RateLimited => RetryAdvice::Safe { after: None },
            Self::UpstreamUnavailable | Self::Timeout | Self::Protocol => RetryAdvice::Ambiguous,
            _ => RetryAdvice::Never,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the same call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "advice", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAdvice {
    /// The same call will fail the same way.
    Never,
    /// The call had no effect and may be repeated, not before `after`.
    Safe {
        /// The pause the service asked for, in seconds with fractions; `None` leaves it to the caller's backoff.
        #[serde(with = "seconds", default, skip_serializing_if = "Option::is_none")]
        after: Option<Duration>,
    },
    /// It is unknown whether the call had an effect. Repeat only what is idempotent.
    Ambiguous,
    /// Retries were made and used up.
    Exhausted,
}

impl RetryAdvice {
    /// The advice's name without its pause, as fixtures and logs write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Safe { .. } => "safe",
            Self::Ambiguous => "ambiguous",
            Self::Exhausted => "exhausted",
        }
    }

    /// The pause asked for, if any.
    pub fn after(self) -> Option<Duration> {
        match self {
            Self::Safe { after } => after,
            _ => None,
        }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(d: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
        match d {
            Some(d) => s.serialize_some(&d.as_secs_f64()),
            None => s.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<f64>::deserialize(d)?.and_then(|s| Duration::try_from_secs_f64(s).ok()))
    }
}

/// One failing field of an input, a param set or a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) of the field; `""` is the whole value.
    pub pointer: String,
    /// What is wrong and what would be right, in a sentence for the person who filled the field in.
    pub message: String,
}

impl FieldError {
    /// An error at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// A failed call, validation or decoding.
///
/// There are two texts. The *caller* text goes to whoever made the call (an application's user, an agent, an API
/// client) and says what to do next. The *operator* text goes to logs and the run's page and may name hosts, status
/// codes and the vendor's words. Neither ever holds a secret.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    retry: RetryAdvice,
    connector: Option<Cow<'static, str>>,
    caller: String,
    operator: Option<String>,
    code: Option<String>,
    status: Option<u16>,
    rule: Option<&'static str>,
    unsent: bool,
    fields: Vec<FieldError>,
}

impl Error {
    /// An error of `kind` whose caller text is `caller`; the advice is the kind's default.
    pub fn new(kind: ErrorKind, caller: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            retry: kind.default_retry(),
            connector: None,
            caller: caller.into(),
            operator: None,
            code: None,
            status: None,
            rule: None,
            unsent: false,
            fields: Vec::new(),
        }))
    }

    /// Wrong input, with every failing field. The caller text counts and lists them.
    pub fn invalid_input(fields: Vec<FieldError>) -> Self {
        let list: Vec<String> = fields
            .iter()
            .take(8)
            .map(|f| format!("{}: {}", if f.pointer.is_empty() { "(input)" } else { &f.pointer }, f.message))
            .collect();
        let more = fields.len().saturating_sub(list.len());
        let mut text = format!("the input is not valid: {}", list.join("; "));
        if more > 0 {
            text.push_str(&format!("; and {more} more"));
        }
        let mut e = Self::new(ErrorKind::InvalidInput, text);
        e.0.fields = fields;
        e
    }

    /// Wrong input in one field.
    pub fn invalid_field(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_input(vec![FieldError::new(pointer, message)])
    }

    /// The service's answer does not keep its contract. Not retried blindly: the call may have had its effect.
    pub fn protocol(operator: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, "the service answered in a form that its contract does not allow")
            .with_operator(operator)
    }

    /// The connection or gateway is set up wrongly.
    pub fn misconfigured(caller: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misconfigured, caller)
    }

    /// A fault of ours; the caller learns nothing but that.
    pub fn internal(operator: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, "an internal error; the gateway's log has the details").with_operator(operator)
    }

    /// Sets the retry advice.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryAdvice) -> Self {
        self.0.retry = retry;
        self
    }

    /// Sets the text for operators. It must not hold a secret.
    #[must_use]
    pub fn with_operator(mut self, text: impl Into<String>) -> Self {
        self.0.operator = Some(text.into());
        self
    }

    /// Names the connector, unless one is named already.
    #[must_use]
    pub fn with_connector(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.0.connector.get_or_insert(id.into());
        self
    }

    /// Sets the service's own error code, such as Slack's `channel_not_found`.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Sets the HTTP status that the service answered with.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Names the rule by which a call was refused. For metrics and logs: callers do not see it, since it would tell them
    /// what kind of address a name stands for.
    #[must_use]
    pub fn with_rule(mut self, rule: &'static str) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// Says that nothing of the request left the machine, for whoever counts attempts.
    #[must_use]
    pub fn unsent(mut self) -> Self {
        self.0.unsent = true;
        self
    }

    /// Adds failing fields.
    #[must_use]
    pub fn with_fields(mut self, fields: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.fields.extend(fields);
        self
    }

    /// Changes every text in it: for taking out what must not be said.
    #[must_use]
    pub(crate) fn map_texts(mut self, f: impl Fn(String) -> String) -> Self {
        let inner = &mut *self.0;
        inner.caller = f(std::mem::take(&mut inner.caller));
        inner.operator = inner.operator.take().map(&f);
        inner.code = inner.code.take().map(&f);
        for field in &mut inner.fields {
            field.message = f(std::mem::take(&mut field.message));
        }
        self
    }

    /// Whether it is known that nothing of the request left the machine. `false` says nothing.
    pub fn is_unsent(&self) -> bool {
        self.0.unsent
    }

    /// The normalized kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may be made again.
    pub fn retry(&self) -> RetryAdvice {
        self.0.retry
    }

    /// The connector it came from, once known.
    pub fn connector(&self) -> Option<&str> {
        self.0.connector.as_deref()
    }

    /// The text for whoever made the call.
    pub fn caller_text(&self) -> &str {
        &self.0.caller
    }

    /// The text for operators; the caller text where there is none of its own.
    pub fn operator_text(&self) -> &str {
        self.0.operator.as_deref().unwrap_or(&self.0.caller)
    }

    /// The service's own error code.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status of the service's answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The rule by which the call was refused, see [`with_rule`](Self::with_rule).
    pub fn rule(&self) -> Option<&'static str> {
        self.0.rule
    }

    /// Every failing field.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// What a caller may see, as JSON: kind, message, connector, code, fields, retry. No operator text.
    pub fn to_caller_json(&self) -> serde_json::Value {
        let mut v = serde_json::json!({
            "kind": self.0.kind,
            "message": self.0.caller,
            "retry": self.0.retry,
        });
        if let Some(map) = v.as_object_mut() {
            if let Some(c) = &self.0.connector {
                map.insert("connector".into(), c.as_ref().into());
            }
            if let Some(c) = &self.0.code {
                map.insert("code".into(), c.as_str().into());
            }
            if !self.0.fields.is_empty() {
                map.insert("fields".into(), serde_json::to_value(&self.0.fields).unwrap_or_default());
            }
        }
        v
    }
}

/// The operator's form: connector, kind, code, status, text.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(c) = &self.0.connector {
            write!(f, "{c}: ")?;
        }
        f.write_str(self.0.kind.as_str())?;
        match (&self.0.code, self.0.status) {
            (Some(c), Some(s)) => write!(f, " ({c}, HTTP {s})")?,
            (Some(c), None) => write!(f, " ({c})")?,
            (None, Some(s)) => write!(f, " (HTTP {s})")?,
            (None, None) => {}
        }
        write!(f, ": {}", self.operator_text())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caller_json_keeps_operator_text_back() {
        let e = Error::protocol("body was <html> from 10.0.0.1").with_connector("slack");
        let v = e.to_caller_json();
        assert_eq!(v["kind"], "protocol");
        assert_eq!(v["connector"], "slack");
        assert!(!v.to_string().contains("10.0.0.1"));
        assert!(e.to_string().contains("10.0.0.1"));
    }

    #[test]
    fn advice_round_trips_with_its_pause() {
        let a = RetryAdvice::Safe { after: Some(Duration::from_millis(1500)) };
        let v = serde_json::to_value(a).unwrap();
        assert_eq!(v, serde_json::json!({"advice": "safe", "after": 1.5}));
        assert_eq!(serde_json::from_value::<RetryAdvice>(v).unwrap(), a);
    }

    #[test]
    fn long_field_lists_are_counted_not_dumped() {
        let fields = (0..20).map(|i| FieldError::new(format!("/f{i}"), "is wrong")).collect();
        let e = Error::invalid_input(fields);
        assert_eq!(e.fields().len(), 20);
        assert!(e.caller_text().ends_with("and 12 more"));
    }
}
