//! How a request to a token address ends when it does not give a token, in words that are the same for every service.
//!
//! What lives here: the reading of refusals, which services word and number as they like. What must not: what follows from
//! them for a connection; that is the machine's.

use std::time::Duration;

use connector_core::{Error, ErrorKind, Response, RetryAdvice, status};
use jiff::Timestamp;
use serde_json::Value;

/// What was asked for: texts differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A token for a code.
    Code,
    /// A token for a refresh token.
    Renewal,
    /// A device code, or a token for one.
    Device,
    /// A token for the app itself.
    Own,
    /// A list of sites, or that a token be taken back.
    Other,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// What was presented (a code, a refresh token) is worth nothing.
    Grant,
    /// The service refuses the app itself: id, secret, redirect address, scopes.
    Client,
    /// The person said no, or may not say yes.
    Denied,
    /// The person has not answered yet.
    Pending,
    /// Not yet, and ask less often.
    SlowDown,
    /// Later perhaps. `unanswered`: the service may have done what it was asked for.
    Later { after: Option<Duration>, unanswered: bool },
}

/// A request that gave no token.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) why: Why,
    pub(crate) error: Error,
}

impl From<Failure> for Error {
    fn from(f: Failure) -> Self {
        f.error
    }
}

const GRANT: &[&str] = &[
    "invalid_grant",
    "invalid_refresh_token",
    "bad_refresh_token",
    "bad_verification_code",
    "incorrect_device_code",
    "expired_token",
    "token_expired",
    "token_revoked",
    "invalid_code",
    "code_already_used",
    "code_expired",
    "account_inactive",
    "invalid_auth",
];
const CLIENT: &[&str] = &[
    "invalid_client",
    "invalid_client_id",
    "bad_client_secret",
    "incorrect_client_credentials",
    "unauthorized_client",
    "bad_redirect_uri",
    "redirect_uri_mismatch",
    "unsupported_grant_type",
    "unsupported_response_type",
    "invalid_scope",
    "device_flow_disabled",
    "application_suspended",
    "invalid_team_for_non_distributed_app",
];
const DENIED: &[&str] = &["access_denied", "consent_required", "user_denied", "interaction_required", "login_required"];
const LATER: &[&str] = &[
    "temporarily_unavailable",
    "server_error",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "ratelimited",
    "rate_limited",
];

impl Why {
    /// By the service's own word. Unknown words mean nothing: what a service may mend is not given up for them.
    pub(crate) fn of(code: &str, description: &str) -> Option<Self> {
        let is = |list: &[&str]| list.contains(&code);
        // Atlassian says so of a refresh token that is worth nothing any more.
        if code == "unauthorized_client" && description.contains("refresh_token is invalid") {
            return Some(Self::Grant);
        }
        match code {
            "authorization_pending" => Some(Self::Pending),
            "slow_down" => Some(Self::SlowDown),
            _ if is(GRANT) => Some(Self::Grant),
            _ if is(CLIENT) => Some(Self::Client),
            _ if is(DENIED) => Some(Self::Denied),
            _ if is(LATER) => Some(Self::Later { after: None, unanswered: false }),
            _ => None,
        }
    }
}

impl Failure {
    /// The service's answer says no. `words`: its code and its description, cleaned.
    pub(crate) fn of(asked: Asked, response: &Response, words: Option<(&str, &str)>, now: Timestamp) -> Self {
        let http = response.status.as_u16();
        let (code, description) = words.unwrap_or_default();
        let after = status::retry_after(response, now);
        let why = match Why::of(code, description) {
            Some(Why::Later { .. }) => Why::Later { after, unanswered: false },
            Some(why) => why,
            None => match http {
                // Nobody but the app says who it is at such an address.
                401 if code.is_empty() && asked != Asked::Other => Why::Client,
                // An installation that is gone, suspended, or another app's.
                403 | 404 if code.is_empty() && asked == Asked::Own => Why::Client,
                429 | 503 => Why::Later { after, unanswered: false },
                408 | 500..=599 => Why::Later { after, unanswered: true },
                // A success that is none may have done what it was asked for.
                200..=299 => Why::Later { after, unanswered: code.is_empty() },
                _ => Why::Later { after, unanswered: false },
            },
        };
        let mut error = Self::error(asked, why, &format!("HTTP {http} `{code}` {description}")).with_status(http);
        if !code.is_empty() {
            error = error.with_code(code);
        }
        Self { why, error }
    }

    /// The request did not reach the service, or no answer came back.
    pub(crate) fn of_transport(e: Error) -> Self {
        let why = match e.kind() {
            // A secret that cannot be had just now, such as one that a manager holds, says nothing of the client.
            _ if matches!(e.retry(), RetryAdvice::Safe { .. }) => {
                Why::Later { after: e.retry().after(), unanswered: false }
            }
            ErrorKind::Refused | ErrorKind::Misconfigured | ErrorKind::InvalidInput => Why::Client,
            _ => Why::Later { after: e.retry().after(), unanswered: e.retry() == RetryAdvice::Ambiguous },
        };
        Self { why, error: e }
    }

    /// The answer is a success that does not have what it must have.
    pub(crate) fn incomplete(what: &str) -> Self {
        let why = Why::Later { after: None, unanswered: true };
        Self { why, error: Error::protocol(format!("the answer of the token address has no {what}")) }
    }

    fn error(asked: Asked, why: Why, operator: &str) -> Error {
        let (kind, text) = match (why, asked) {
            (Why::Grant, Asked::Code) => (
                ErrorKind::Auth,
                "the service does not take the code any more: it is too old, or was used; connect again",
            ),
            (Why::Grant, Asked::Device) => (ErrorKind::Auth, "the code was not typed in time; begin again"),
            (Why::Grant, Asked::Renewal) => {
                (ErrorKind::Auth, "the service does not take the connection's refresh token any more: reconnect it")
            }
            (Why::Grant, _) => {
                (ErrorKind::Auth, "the service does not take what the app signed or presented; check the app's values")
            }
            (Why::Client, _) => (
                ErrorKind::Misconfigured,
                "the service refuses the app: check its client id and secret, its redirect address and its scopes",
            ),
            (Why::Denied, _) => (ErrorKind::Auth, "access was not granted at the service; connect again and allow it"),
            (Why::Pending | Why::SlowDown, _) => (ErrorKind::Auth, "nobody has consented yet"),
            (Why::Later { unanswered: false, .. }, _) => {
                (ErrorKind::UpstreamUnavailable, "the service gives no tokens now; try again later")
            }
            (Why::Later { unanswered: true, .. }, _) => (
                ErrorKind::Protocol,
                "the service did not answer as it should when it was asked for a token; try again",
            ),
        };
        let mut error = Error::new(kind, text).with_operator(operator);
        if let Why::Later { after, unanswered: false } = why {
            error = error.with_retry(RetryAdvice::Safe { after });
        }
        error
    }

    /// The person did not consent, as the redirect address was told.
    pub(crate) fn of_consent(code: &str) -> Self {
        let why = Why::of(code, "").filter(|w| matches!(w, Why::Client | Why::Later { .. })).unwrap_or(Why::Denied);
        Self { why, error: Self::error(Asked::Code, why, &format!("consent ended with `{code}`")).with_code(code) }
    }
}

/// The service's code and description of a failure, wherever services put them; none where there is none.
pub(crate) fn words(body: &Value) -> Option<(String, String)> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty());
    let refused = body.pointer("/ok") == Some(&Value::Bool(false));
    let code = ["/error", "/error/code", "/error/type", "/errorCode", "/code"].iter().find_map(|p| text(p));
    let said = body.pointer("/error").is_some_and(|e| !e.is_null() && e != &Value::Bool(false));
    if !refused && !said {
        return None;
    }
    let description = ["/error_description", "/error/message", "/message"].iter().find_map(|p| text(p));
    Some((clean_code(code.unwrap_or("unknown")), clean_text(description.unwrap_or_default())))
}

/// A code from outside as it may stand in errors and logs.
pub(crate) fn clean_code(code: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    code.chars().filter(plain).take(64).collect()
}

fn clean_text(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
