//! Jira's errors in normalized words, with the field of the input that each is about.
//!
//! What must not live here: anything about one endpoint. Vendor's pages:
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes>,
//! <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.

use connector_core::{
    Error, ErrorKind, FieldError, Response, RetryAdvice, Timestamp, schema::escape, status, throttle::Throttle,
};
use serde_json::Value;

use crate::fields::Fields;

/// Names of fields in Jira's error map, each with the JSON pointer of the input field it stands for.
#[derive(Clone, Copy, Default)]
pub(crate) struct FieldMap {
    /// Fields that the input has under a name of its own.
    pub known: &'static [(&'static str, &'static str)],
    /// The object in the input that holds every other field; without it they belong to the whole input.
    pub rest: Option<&'static str>,
}

impl FieldMap {
    /// … whose other fields may go by names that the connection declares.
    pub(crate) fn with(self, declared: &Fields) -> Place<'_> {
        Place { map: self, declared: Some(declared), data_center: false }
    }
}

/// How fields of an answer are found in the input, and whose answer it is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    map: FieldMap,
    declared: Option<&'a Fields>,
    /// Set where the request is sent.
    pub(crate) data_center: bool,
}

impl From<FieldMap> for Place<'_> {
    fn from(map: FieldMap) -> Self {
        Self { map, ..Self::default() }
    }
}

impl Place<'_> {
    fn locate(self, field: &str, message: &str) -> FieldError {
        let message = excerpt(message);
        match (self.map.known.iter().find(|(name, _)| *name == field), self.map.rest) {
            (Some((_, pointer)), _) => FieldError::new(*pointer, message),
            (None, Some(rest)) => {
                let name = self.declared.and_then(|d| d.name_of(field)).unwrap_or(field);
                FieldError::new(format!("{rest}/{}", escape(name)), message)
            }
            (None, None) => FieldError::new("", format!("{}: {message}", excerpt(field))),
        }
    }

    /// What Jira does not accept when it does not know who asks, and the mend.
    fn refused(self, why: &str) -> String {
        let (what, them) = match self.data_center {
            true => ("personal access token", "it"),
            false => ("e-mail address and API token", "them"),
        };
        format!("Jira does not accept the connection's {what}{why}; set {them} again")
    }
}

/// The error that an answer stands for.
pub(crate) fn error<'a>(response: &Response, now: Timestamp, place: impl Into<Place<'a>>) -> Error {
    let place = place.into();
    let status = response.status.as_u16();
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let message = messages(&body);
    let make = |kind: ErrorKind, caller: String| {
        Error::new(kind, caller).with_status(status).with_operator(operator_text(response))
    };
    let header = |name: &str| response.header(name).unwrap_or_default();
    match status {
        301 | 302 | 303 | 307 | 308 => make(ErrorKind::Misconfigured, redirected(place.data_center).to_owned()),
        // A scope that is missing is answered with 401, in words alone.
        401 if message.contains("scope does not match") => make(
            ErrorKind::Permission,
            "the connection's token lacks a scope that this needs; authorize it again with that scope".to_owned(),
        )
        .with_code("scope_does_not_match"),
        // A Data Center says so with 401 or 403, in its own header.
        401 | 403 if denied(header("x-seraph-loginreason"), header("x-authentication-denied-reason")) => make(
            ErrorKind::Permission,
            "Jira wants a CAPTCHA after failed logins; log in to Jira with a browser once".to_owned(),
        )
        .with_code("authentication_denied"),
        401 => make(ErrorKind::Auth, place.refused(": wrong, expired or revoked")),
        // With a wrong token Jira may go on as if nobody were logged in, and then find nothing.
        403 | 404 if header("x-seraph-loginreason").contains("AUTHENTICATED_FAILED") => {
            make(ErrorKind::Auth, place.refused(""))
        }
        403 => make(ErrorKind::Permission, said("the connection's account is not allowed to do this", &message)),
        404 => {
            make(ErrorKind::NotFound, said("Jira does not have this, or does not show it to this account", &message))
        }
        409 => make(ErrorKind::Conflict, said("the object's present state does not allow this", &message)),
        429 => limited(response, now, &make),
        400 | 413 | 422 => invalid(&body, &message, place, &make),
        _ => status::error_for(response, now).with_operator(operator_text(response)),
    }
}

fn redirected(data_center: bool) -> &'static str {
    if data_center {
        "the connection's site answers with a redirect: give its present address with the context path, and let a login \
         page that stands before it pass requests to /rest"
    } else {
        "the connection's site answers with a redirect; set its present address, without any path"
    }
}

/// Failed logins made Jira ask for a CAPTCHA: <https://developer.atlassian.com/server/jira/platform/basic-authentication/>.
fn denied(login_reason: &str, denied_reason: &str) -> bool {
    login_reason.contains("AUTHENTICATION_DENIED") || denied_reason.contains("CAPTCHA_CHALLENGE")
}

/// Jira has three limits of their own: bursts per endpoint, writes per issue, and points per hour.
fn limited(response: &Response, now: Timestamp, make: &dyn Fn(ErrorKind, String) -> Error) -> Error {
    let after = Throttle::read(response, now).pause();
    let caller = match after {
        Some(d) => format!("Jira asks to slow down; try again in {} s", d.as_secs_f64().ceil()),
        None => "Jira asks to slow down".to_owned(),
    };
    let e = make(ErrorKind::RateLimited, caller).with_retry(RetryAdvice::Safe { after });
    match response.header("ratelimit-reason") {
        Some(reason) => e.with_code(excerpt(reason)),
        None => e,
    }
}

fn invalid(body: &Value, message: &str, place: Place<'_>, make: &dyn Fn(ErrorKind, String) -> Error) -> Error {
    let found: Vec<FieldError> = body
        .get("errors")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .take(20)
        .map(|(field, why)| place.locate(field, why.as_str().unwrap_or("is not accepted")))
        .collect();
    let mut words: Vec<String> = Some(message.to_owned()).filter(|m| !m.is_empty()).into_iter().collect();
    words.extend(found.iter().map(|f| match f.pointer.as_str() {
        "" => f.message.clone(),
        pointer => format!("{pointer}: {}", f.message),
    }));
    make(ErrorKind::InvalidInput, said("Jira does not accept the input", &words.join("; "))).with_fields(found)
}

/// The messages of `{errorMessages, errors}`, or of the gateway's `{code, message}`.
fn messages(body: &Value) -> String {
    let list = body.get("errorMessages").and_then(Value::as_array).into_iter().flatten();
    let one = body.get("message").or_else(|| body.get("errorMessage"));
    let all: Vec<&str> = list.chain(one).filter_map(Value::as_str).collect();
    excerpt(&all.join("; "))
}

pub(crate) fn said(what: &str, message: &str) -> String {
    if message.is_empty() { what.to_owned() } else { format!("{what}: {}", excerpt(message)) }
}

fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn operator_text(response: &Response) -> String {
    // What Atlassian's support asks for first.
    let id = response.header("atl-traceid").or_else(|| response.header("x-arequestid"));
    let id = id.map(|id| format!(" (trace {})", excerpt(id))).unwrap_or_default();
    format!("HTTP {}{id}: {}", response.status.as_u16(), response.text_excerpt(300))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_testkit::canned::response;
    use serde_json::json;

    use super::*;

    const FIELDS: FieldMap = FieldMap { known: &[("project", "/project_key")], rest: Some("/fields") };

    fn err(status: u16, headers: &[(&'static str, &str)], body: Value) -> Error {
        error(&response(status, headers, body), "2026-11-22T10:00:00Z".parse().unwrap(), FIELDS)
    }

    #[test]
    fn refused_fields_become_pointers() {
        let body = json!({"errorMessages": ["Field values are wrong."], "errors": {
            "project": "valid project is required", "customfield_10010": "Option 'x/y' is not valid."
        }});
        let e = err(400, &[], body);
        assert_eq!(e.kind(), ErrorKind::InvalidInput);
        let mut at: Vec<&str> = e.fields().iter().map(|f| f.pointer.as_str()).collect();
        at.sort_unstable();
        assert_eq!(at, ["/fields/customfield_10010", "/project_key"]);
        assert!(e.caller_text().contains("Field values are wrong.") && e.caller_text().contains("valid project"));
        let e = Place::default().locate("summary", "is required");
        assert_eq!((e.pointer.as_str(), e.message.as_str()), ("", "summary: is required"));
    }

    #[test]
    fn every_form_of_a_rate_limit() {
        for (headers, after, code) in [
            (vec![("retry-after", "5"), ("ratelimit-reason", "jira-burst-based")], Some(5), Some("jira-burst-based")),
            (vec![("x-ratelimit-reset", "2026-11-22T10:02Z")], Some(120), None),
            (vec![], None, None),
        ] {
            let e = err(429, &headers, json!({}));
            assert_eq!(
                (e.kind(), e.retry().after().map(|d| d.as_secs()), e.code()),
                (ErrorKind::RateLimited, after, code)
            );
        }
    }

    #[test]
    fn other_answers_have_their_kinds() {
        let gone = json!({"errorMessages": ["Issue does not exist or you do not have permission to see it."]});
        for (status, headers, body, kind) in [
            (401, vec![], json!({"code": 401, "message": "Unauthorized; scope does not match"}), ErrorKind::Permission),
            (401, vec![], json!("Client must be authenticated"), ErrorKind::Auth),
            (403, vec![], json!({}), ErrorKind::Permission),
            (404, vec![], gone.clone(), ErrorKind::NotFound),
            (404, vec![("x-seraph-loginreason", "AUTHENTICATED_FAILED")], gone, ErrorKind::Auth),
            (409, vec![], json!({}), ErrorKind::Conflict),
            (413, vec![], json!({}), ErrorKind::InvalidInput),
            (302, vec![("location", "https://id.atlassian.com/login")], json!(""), ErrorKind::Misconfigured),
            (503, vec![("retry-after", "3")], json!({}), ErrorKind::UpstreamUnavailable),
        ] {
            let e = err(status, &headers, body);
            assert_eq!((e.kind(), e.status()), (kind, Some(status)));
        }
    }

    #[test]
    fn a_data_center_says_it_in_its_own_words() {
        let place = Place { data_center: true, ..FIELDS.into() };
        let at = |status: u16, headers: &[(&'static str, &str)], body: Value| {
            error(&response(status, headers, body), Timestamp::UNIX_EPOCH, place)
        };
        let e = at(
            401,
            &[],
            json!({"message": "Client must be authenticated to access this resource.", "status-code": 401}),
        );
        assert_eq!(e.kind(), ErrorKind::Auth);
        assert!(e.caller_text().contains("personal access token") && !e.caller_text().contains("e-mail"));
        let captcha =
            [("x-authentication-denied-reason", "CAPTCHA_CHALLENGE; login-url=https://jira.example.com/login.jsp")];
        let e = at(403, &captcha, json!({}));
        assert_eq!((e.kind(), e.code()), (ErrorKind::Permission, Some("authentication_denied")));
        let e = at(
            429,
            &[("retry-after", "7"), ("x-ratelimit-limit", "5"), ("x-ratelimit-interval-seconds", "10")],
            json!({}),
        );
        assert_eq!(e.retry().after().map(|d| d.as_secs()), Some(7));
        assert!(at(302, &[("location", "https://sso.example.com/")], json!("")).caller_text().contains("context path"));
    }

    #[test]
    fn declared_fields_are_named_as_the_input_names_them() {
        let declared = Fields::check(Some(&json!({"team": "customfield_10001"}))).unwrap();
        let body = json!({"errors": {"customfield_10001": "is required", "customfield_9": "is wrong"}});
        let e = error(&response(400, &[], body), Timestamp::UNIX_EPOCH, FIELDS.with(&declared));
        let mut at: Vec<&str> = e.fields().iter().map(|f| f.pointer.as_str()).collect();
        at.sort_unstable();
        assert_eq!(at, ["/fields/customfield_9", "/fields/team"]);
    }
}
