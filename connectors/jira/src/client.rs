//! What all actions share: requests, Jira's errors in normalized words, pages, and the connection's validator.
//!
//! What must not live here: anything about one endpoint. Vendor's pages:
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/>,
//! <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>.

use connector_core::{
    BoxFuture, Cx, Error, ErrorKind, FieldError, Method, Request, Response, Result, RetryAdvice, SecretSlot, Timestamp,
    connector::Validation, request::parse_url, schema::escape, status,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Where tokens that know their scopes, and OAuth, are answered.
const GATEWAY_HOST: &str = "api.atlassian.com";

/// Names of fields in Jira's error map, each with the JSON pointer of the input field it stands for.
#[derive(Clone, Copy, Default)]
pub(crate) struct FieldMap {
    /// Fields that the input has under a name of its own.
    pub known: &'static [(&'static str, &'static str)],
    /// The object in the input that holds every other field; without it they belong to the whole input.
    pub rest: Option<&'static str>,
}

impl FieldMap {
    fn locate(self, field: &str, message: &str) -> FieldError {
        let message = excerpt(message);
        match (self.known.iter().find(|(name, _)| *name == field), self.rest) {
            (Some((_, pointer)), _) => FieldError::new(*pointer, message),
            (None, Some(rest)) => FieldError::new(format!("{rest}/{}", escape(field)), message),
            (None, None) => FieldError::new("", format!("{}: {message}", excerpt(field))),
        }
    }
}

/// The value of the param `deployment` for Jira Cloud.
pub(crate) const CLOUD: &str = "cloud";
/// The value of the param `deployment` for Jira Data Center and Server.
pub(crate) const DATA_CENTER: &str = "data_center";

/// Whether the connection is to a Data Center: version 2 of the API, wiki markup in place of documents, people by user
/// name in place of account id.
pub(crate) fn is_data_center(cx: &Cx) -> bool {
    cx.param_opt("deployment") == Some(DATA_CENTER)
}

/// A request to the platform's API: below `/rest/api/3`, at a Data Center below `/rest/api/2`.
pub(crate) fn request(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    let version = if is_data_center(cx) { 2 } else { 3 };
    request_at(cx, method, &format!("/rest/api/{version}{path}"))
}

/// A request to any of Jira's APIs, its path from the root (`/rest/agile/1.0/board`), with the connection's
/// credentials: Basic where there is an e-mail address, else Bearer.
pub(crate) fn request_at(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    request_plain(cx, method, path)?.header("accept", "application/json")
}

/// The same without saying what form the answer should have: for files.
pub(crate) fn request_plain(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    let secret = "api_token".to_owned();
    let slot = match cx.param_opt("email").filter(|e| !e.is_empty()) {
        Some(email) => SecretSlot::Basic { user: email.to_owned(), secret },
        None => SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret },
    };
    Ok(cx.request(method, "site", path)?.secret(slot))
}

/// How a user is named in a body: by account id, at a Data Center by user name.
pub(crate) fn user(cx: &Cx, id: &str) -> Value {
    let key = if is_data_center(cx) { "name" } else { "accountId" };
    serde_json::json!({ key: id })
}

/// Sends a request; an answer that is no success becomes an error, see [`error`].
pub(crate) async fn send(cx: &Cx, request: Request, fields: FieldMap) -> Result<Response> {
    let response = cx.send(request).await?;
    if response.status.is_success() { Ok(response) } else { Err(error(&response, cx.now(), fields)) }
}

/// Sends a request and decodes the answer; a body that is not what Jira documents is a `Protocol` error.
pub(crate) async fn send_json<T: DeserializeOwned>(cx: &Cx, request: Request, fields: FieldMap) -> Result<T> {
    send(cx, request, fields).await?.json()
}

/// Where people look at an issue; unknown when the connection goes through Atlassian's gateway, which names no site.
pub(crate) fn browse_url(cx: &Cx, key: &str) -> Option<String> {
    let site = cx.param_opt("site")?.trim_end_matches('/');
    (parse_url(site).ok()?.host_str() != Some(GATEWAY_HOST)).then(|| format!("{site}/browse/{key}"))
}

/// One page of what Jira lists by offset. (Cloud's search is listed by `nextPageToken`, which needs no reckoning.)
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OffsetPage<T> {
    /// The items.
    pub values: Vec<T>,
    /// The offset of the first.
    #[serde(default)]
    pub start_at: u64,
    /// How many there are in all, where Jira counts.
    pub total: Option<u64>,
    /// Whether this is the last page, where Jira says.
    pub is_last: Option<bool>,
}

impl<T> OffsetPage<T> {
    /// The offset of the next page. An empty page is the last, whatever it says, so that a walk always ends.
    pub(crate) fn next(&self) -> Option<u64> {
        let end = self.start_at + u64::try_from(self.values.len()).ok()?;
        let last = self.is_last.unwrap_or_else(|| self.total.is_some_and(|t| end >= t));
        (!last && !self.values.is_empty()).then_some(end)
    }
}

/// The error that an answer stands for.
pub(crate) fn error(response: &Response, now: Timestamp, fields: FieldMap) -> Error {
    let status = response.status.as_u16();
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let message = messages(&body);
    let make = |kind: ErrorKind, caller: String| {
        Error::new(kind, caller).with_status(status).with_operator(operator_text(response))
    };
    let header = |name: &str| response.header(name).unwrap_or_default();
    match status {
        301 | 302 | 303 | 307 | 308 => make(
            ErrorKind::Misconfigured,
            "the connection's site answers with a redirect; set its present address, without any path".to_owned(),
        ),
        // A scope that is missing is answered with 401, in words alone.
        401 if message.contains("scope does not match") => make(
            ErrorKind::Permission,
            "the connection's token lacks a scope that this needs; authorize it again with that scope".to_owned(),
        )
        .with_code("scope_does_not_match"),
        401 => make(
            ErrorKind::Auth,
            "Jira does not accept the connection's e-mail address and API token: wrong, expired or revoked; set them again"
                .to_owned(),
        ),
        // With a wrong token Jira may go on as if nobody were logged in, and then find nothing.
        403 | 404 if header("x-seraph-loginreason").contains("AUTHENTICATED_FAILED") => make(
            ErrorKind::Auth,
            "Jira does not accept the connection's e-mail address and API token; set them again".to_owned(),
        ),
        403 if header("x-seraph-loginreason").contains("AUTHENTICATION_DENIED") => make(
            ErrorKind::Permission,
            "Jira wants a CAPTCHA after failed logins; log in to Jira with a browser once".to_owned(),
        )
        .with_code("authentication_denied"),
        403 => make(ErrorKind::Permission, said("the connection's account is not allowed to do this", &message)),
        404 => make(ErrorKind::NotFound, said("Jira does not have this, or does not show it to this account", &message)),
        409 => make(ErrorKind::Conflict, said("the object's present state does not allow this", &message)),
        429 => limited(response, now, &make),
        400 | 413 | 422 => invalid(&body, &message, fields, &make),
        _ => status::error_for(response, now).with_operator(operator_text(response)),
    }
}

/// Jira has three limits of their own: bursts per endpoint, writes per issue, and points per hour.
fn limited(response: &Response, now: Timestamp, make: &dyn Fn(ErrorKind, String) -> Error) -> Error {
    let reset = || response.header("x-ratelimit-reset").and_then(|v| status::until_iso(v, now));
    let after = status::retry_after(response, now).or_else(reset);
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

fn invalid(body: &Value, message: &str, fields: FieldMap, make: &dyn Fn(ErrorKind, String) -> Error) -> Error {
    let found: Vec<FieldError> = body
        .get("errors")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .take(20)
        .map(|(field, why)| fields.locate(field, why.as_str().unwrap_or("is not accepted")))
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

fn said(what: &str, message: &str) -> String {
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

/// What `GET /myself` tells.
/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/#api-rest-api-3-myself-get>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Myself {
    account_id: Option<String>,
    /// Data Center knows no account ids, only names.
    name: Option<String>,
    display_name: Option<String>,
    email_address: Option<String>,
}

/// Checks new credentials by asking who they are.
pub(crate) fn validate(cx: &Cx) -> BoxFuture<'_, Result<Validation>> {
    Box::pin(check(cx))
}

async fn check(cx: &Cx) -> Result<Validation> {
    let request = request(cx, Method::GET, "/myself")?.endpoint("myself.get");
    let e = match send_json::<Myself>(cx, request, FieldMap::default()).await {
        Ok(me) => {
            let id = me.account_id.or(me.name).ok_or_else(|| Error::protocol("Jira does not say who this is"))?;
            let account = me.display_name.or(me.email_address).unwrap_or_else(|| id.clone());
            let site = cx.param("site")?.to_owned();
            return Ok(Validation::ok(account).identity("account_id", id).identity("site", site));
        }
        Err(e) => e,
    };
    Ok(match (e.kind(), e.status()) {
        (ErrorKind::Auth, _) => refused(cx),
        (ErrorKind::Permission, _) => Validation::failed("api_token", e.caller_text()),
        (ErrorKind::Misconfigured, Some(_)) => Validation::failed("site", e.caller_text()),
        (ErrorKind::NotFound | ErrorKind::Protocol | ErrorKind::Unsupported, _) => Validation::failed(
            "site",
            "does not answer like Jira Cloud; it is the address before the first path, such as https://example.atlassian.net",
        ),
        (ErrorKind::Refused, _) => Validation::failed("site", e.caller_text()),
        (ErrorKind::UpstreamUnavailable | ErrorKind::Timeout, None) => {
            Validation::failed("site", format!("cannot be reached: {}", e.caller_text()))
        }
        _ => return Err(e),
    })
}

/// Which of e-mail address and token is wrong Jira never says; without an address the most likely fault is that.
fn refused(cx: &Cx) -> Validation {
    let gateway = parse_url(cx.param_opt("site").unwrap_or_default()).is_ok_and(|u| u.host_str() == Some(GATEWAY_HOST));
    let errors = match (cx.param_opt("email").is_some(), gateway) {
        (true, _) => vec![
            FieldError::new("/email", "does not fit the API token: it must be the account that made the token"),
            FieldError::new(
                "/api_token",
                "is not accepted with this e-mail address; it may be wrong, expired or revoked",
            ),
        ],
        (false, false) => vec![FieldError::new("/email", "is needed for an API token; give the account that made it")],
        (false, true) => vec![FieldError::new("/api_token", "is not accepted; it may be wrong, expired or revoked")],
    };
    Validation { errors, ..Validation::default() }
}

/// Refuses what a Jira Data Center does not have, before anything is sent. `instead` says what there is.
pub(crate) fn cloud_only(cx: &Cx, instead: &str) -> Result<()> {
    match is_data_center(cx) {
        true => Err(Error::new(ErrorKind::Unsupported, format!("Jira Data Center does not have this; {instead}"))),
        false => Ok(()),
    }
}

/// The error for an input that Jira refused inside of an answer that is a success otherwise.
pub(crate) fn refused_input(messages: &[String]) -> Error {
    Error::new(ErrorKind::InvalidInput, said("Jira does not accept the input", &messages.join("; ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use serde_json::json;

    use super::*;
    use connector_testkit::canned::{Answer, block_on, cx, response};

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
        let e = FieldMap::default().locate("summary", "is required");
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
    fn pages_end() {
        let page = |v: Value| serde_json::from_value::<OffsetPage<u8>>(v).unwrap().next();
        assert_eq!(page(json!({"values": [1, 2], "startAt": 4, "total": 7})), Some(6));
        assert_eq!(page(json!({"values": [1, 2], "startAt": 4, "total": 6})), None);
        assert_eq!(page(json!({"values": [1, 2], "isLast": true})), None);
        assert_eq!(page(json!({"values": [1, 2], "isLast": false})), Some(2));
        assert_eq!(page(json!({"values": [], "isLast": false})), None);
    }

    fn validation(values: Value, answer: Answer) -> (Validation, Vec<Request>) {
        let (cx, sent) = cx(&crate::CONNECTOR, values, vec![answer]);
        (block_on(connector_core::Connector::from(&crate::CONNECTOR).validate(&cx)), sent.take())
    }

    fn values() -> Value {
        json!({"site": "https://example.atlassian.net", "email": "mia@example.com"})
    }

    #[test]
    fn the_validator_tells_the_account() {
        let me = json!({"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true});
        let (v, sent) = validation(values(), Ok(response(200, &[], me)));
        assert!(v.errors.is_empty());
        assert_eq!(v.account.as_deref(), Some("Mia Krystof"));
        assert_eq!(v.identity["account_id"], "5b10a2844c20165700ede21g");
        assert_eq!(sent[0].url().unwrap().as_str(), "https://example.atlassian.net/rest/api/3/myself");
        assert!(matches!(&sent[0].slots()[0], SecretSlot::Basic { user, .. } if user == "mia@example.com"));
    }

    #[test]
    fn the_gateway_gets_a_bearer_token_below_its_path() {
        let site = "https://api.atlassian.com/ex/jira/11223344-a1b2-3b33-c444-def123456789";
        let (v, sent) = validation(json!({"site": site}), Ok(response(200, &[], json!({"accountId": "a"}))));
        assert!(v.errors.is_empty());
        assert_eq!(sent[0].url().unwrap().as_str(), format!("{site}/rest/api/3/myself"));
        assert!(matches!(&sent[0].slots()[0], SecretSlot::Header { prefix: "Bearer ", .. }));
    }

    #[test]
    fn the_validator_puts_its_errors_on_the_params() {
        let at = |values: Value, answer: Answer| {
            validation(values, answer).0.errors.into_iter().map(|e| e.pointer).collect::<Vec<_>>()
        };
        let status = |s: u16| Ok(response(s, &[], json!({})));
        assert_eq!(at(values(), status(401)), ["/email", "/api_token"]);
        assert_eq!(at(json!({"site": "https://example.atlassian.net"}), status(401)), ["/email"]);
        assert_eq!(at(json!({"site": "https://api.atlassian.com/ex/jira/1"}), status(401)), ["/api_token"]);
        assert_eq!(at(values(), status(403)), ["/api_token"]);
        assert_eq!(at(values(), status(404)), ["/site"]);
        assert_eq!(at(values(), status(302)), ["/site"]);
        assert_eq!(at(values(), Ok(response(200, &[], json!("<html>")))), ["/site"]);
        assert_eq!(at(values(), Err(Error::new(ErrorKind::UpstreamUnavailable, "no such host"))), ["/site"]);
        assert_eq!(at(values(), Err(Error::new(ErrorKind::Refused, "private address"))), ["/site"]);
        assert_eq!(at(values(), status(503)), [""]);
    }
}
