//! GitHub's refusals in normalized words. What must not live here: what a refusal means to one endpoint; see `refusals`.
//!
//! Vendor's pages: <https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api>,
//! <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>.

use std::time::Duration;

use connector_core::{Error, ErrorKind, FieldError, Response, RetryAdvice, Timestamp, status, throttle::Throttle};
use serde_json::Value;

/// GitHub's advice for a limit that comes without a header: wait for at least a minute.
const UNTOLD_PAUSE: Duration = Duration::from_secs(60);

/// Names of fields in GitHub's error lists, each with the JSON pointer of the input field it stands for.
pub(crate) type FieldMap = &'static [(&'static str, &'static str)];

/// The error that an answer stands for.
pub(crate) fn error(response: &Response, now: Timestamp, fields: FieldMap) -> Error {
    let status = response.status.as_u16();
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
    let make = |kind: ErrorKind, caller: String| {
        Error::new(kind, caller).with_status(status).with_operator(operator_text(response))
    };
    match status {
        301 | 302 | 307 | 308 => make(
            ErrorKind::NotFound,
            "GitHub says that this has moved: the repository was renamed or transferred; use its new name".to_owned(),
        )
        .with_code("moved"),
        401 => make(
            ErrorKind::Auth,
            "GitHub does not accept the connection's token: it is wrong, expired or revoked; set a new one".to_owned(),
        ),
        403 | 429 => limited(response, message, now, &make).unwrap_or_else(|| denied(response, message, &make)),
        405 | 409 => make(ErrorKind::Conflict, said("the object's present state does not allow this", message)),
        410 => make(
            ErrorKind::NotFound,
            said("it is gone, or the repository has this feature (such as issues) switched off", message),
        )
        .with_code("gone"),
        422 => invalid(&body, message, fields, &make),
        451 => make(ErrorKind::Permission, "GitHub does not show this repository for legal reasons".to_owned()),
        _ => status::error_for(response, now).with_operator(operator_text(response)),
    }
}

/// A rate limit: GitHub answers 403 or 429 for both the hourly (primary) and the burst (secondary) limits.
fn limited(
    response: &Response,
    message: &str,
    now: Timestamp,
    make: &dyn Fn(ErrorKind, String) -> Error,
) -> Option<Error> {
    let lower = message.to_ascii_lowercase();
    let told = Throttle::read(response, now);
    let used_up = told.remaining == Some(0);
    let secondary = lower.contains("secondary rate limit") || lower.contains("abuse detection");
    let asked = told.after;
    let hit = response.status.as_u16() == 429
        || secondary
        || asked.is_some()
        || lower.contains("rate limit exceeded")
        // The last call of the hour may be a refusal of its own, with nothing remaining.
        || (used_up && !is_denial(response, message));
    if !hit {
        return None;
    }
    // The reset of the hourly window says nothing about a burst, so it counts only when the hour is used up.
    let after = asked.or(told.reset.filter(|_| used_up)).unwrap_or(UNTOLD_PAUSE);
    let code = if used_up && !secondary { "rate_limit" } else { "secondary_rate_limit" };
    let caller = format!("GitHub asks to slow down; try again in {} s", after.as_secs_f64().ceil());
    Some(make(ErrorKind::RateLimited, caller).with_code(code).with_retry(RetryAdvice::Safe { after: Some(after) }))
}

fn is_denial(response: &Response, message: &str) -> bool {
    response.header("x-github-sso").is_some() || message.starts_with("Resource not accessible")
}

fn denied(response: &Response, message: &str, make: &dyn Fn(ErrorKind, String) -> Error) -> Error {
    // Its URL identifies the authorization request; it stays out of the text.
    if response.header("x-github-sso").is_some_and(|v| v.starts_with("required")) {
        return make(
            ErrorKind::Permission,
            "the organization wants the token to be authorized for SAML single sign-on; on GitHub open Settings → \
             Developer settings → Personal access tokens and choose Configure SSO"
                .to_owned(),
        )
        .with_code("sso_required");
    }
    let caller = match response.header("x-accepted-github-permissions").filter(|p| !p.is_empty()) {
        Some(wanted) => {
            format!("the connection's token is not allowed to do this; GitHub wants the permission {}", excerpt(wanted))
        }
        None => said("the connection's token is not allowed to do this", message),
    };
    make(ErrorKind::Permission, caller)
}

/// 422: `errors` is a list of objects, a list of texts, or one text; or it is not there.
fn invalid(body: &Value, message: &str, fields: FieldMap, make: &dyn Fn(ErrorKind, String) -> Error) -> Error {
    let list = match body.get("errors") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ (Value::String(_) | Value::Object(_))) => std::slice::from_ref(one),
        _ => &[],
    };
    let found: Vec<(FieldError, Option<&str>)> = list.iter().take(20).map(|e| field_error(e, fields)).collect();
    let code = found.iter().find_map(|(_, c)| *c);
    let exists = found.iter().any(|(_, c)| *c == Some("already_exists"));
    let words: Vec<String> = found
        .iter()
        .map(|(f, _)| if f.pointer.is_empty() { f.message.clone() } else { format!("{}: {}", f.pointer, f.message) })
        .collect();
    let text = if words.is_empty() { excerpt(message) } else { words.join("; ") };
    let e = if exists {
        make(ErrorKind::Conflict, said("it exists already", &text)).with_code("already_exists")
    } else {
        let e = make(ErrorKind::InvalidInput, said("GitHub does not accept the input", &text));
        match code {
            Some(c) => e.with_code(c),
            None => e,
        }
    };
    e.with_fields(found.into_iter().map(|(f, _)| f))
}

/// One entry of `errors`. The codes: <https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed>.
fn field_error(entry: &Value, fields: FieldMap) -> (FieldError, Option<&str>) {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
    // A code is a word; anything else is no code.
    let code = text("code").filter(|c| c.len() <= 64 && c.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    let field = text("field");
    let why = match (text("message").or(entry.as_str()), code) {
        (Some(m), _) => excerpt(m),
        (None, Some("missing")) => "names something that does not exist".to_owned(),
        (None, Some("missing_field")) => "is required".to_owned(),
        (None, Some("invalid")) => "does not have the form that GitHub wants".to_owned(),
        (None, Some("already_exists")) => "is taken by another object".to_owned(),
        (None, Some("unprocessable")) => "cannot be processed".to_owned(),
        (None, _) => "is not accepted".to_owned(),
    };
    let known = field.and_then(|f| fields.iter().find(|(name, _)| *name == f));
    let error = match (known, field) {
        (Some((_, pointer)), _) => FieldError::new(*pointer, why),
        (None, Some(f)) => FieldError::new("", format!("{}: {why}", excerpt(f))),
        (None, None) => FieldError::new("", why),
    };
    (error, code)
}

fn said(what: &str, message: &str) -> String {
    if message.is_empty() { what.to_owned() } else { format!("{what}: {}", excerpt(message)) }
}

fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn operator_text(response: &Response) -> String {
    // What GitHub's support asks for first.
    let id = response.header("x-github-request-id").map(|id| format!(" (request {})", excerpt(id))).unwrap_or_default();
    format!("HTTP {}{id}: {}", response.status.as_u16(), response.text_excerpt(300))
}
