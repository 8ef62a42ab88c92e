//! What all actions share: requests, GitHub's errors in normalized words, page marks, and the connection's validator.
//!
//! What must not live here: anything about one endpoint. Vendor's pages:
//! <https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api>,
//! <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>.

pub(crate) mod hooks;
mod inputs;
mod sentences;
pub(crate) mod uploads;

use std::time::Duration;

use connector_core::{
    BoxFuture, Cx, Error, ErrorKind, FieldError, Method, Request, Response, Result, RetryAdvice, SecretSlot, Timestamp,
    connector::Validation, request::path_segment, status,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) use inputs::{json_of, query_of};
pub(crate) use sentences::{Sentence, ask, reword};

/// The REST version that every call names. Its successor is `2026-03-10`, the first with breaking changes; this one is
/// supported until March 2028 at least.
pub(crate) const API_VERSION: &str = "2022-11-28";

/// The media type of GitHub's plain answers.
pub(crate) const JSON: &str = "application/vnd.github+json";

/// GitHub's advice for a limit that comes without a header: wait for at least a minute.
const UNTOLD_PAUSE: Duration = Duration::from_secs(60);

/// Names of fields in GitHub's error lists, each with the JSON pointer of the input field it stands for.
pub(crate) type FieldMap = &'static [(&'static str, &'static str)];

/// A request with the headers that GitHub wants on every call. `path` begins with `/` and ends without one (GitHub
/// answers a trailing slash with 404).
pub(crate) fn request(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    request_as(cx, method, path, JSON)
}

/// A request whose answer is wanted in another of GitHub's media types than [`JSON`].
pub(crate) fn request_as(cx: &Cx, method: Method, path: &str, accept: &str) -> Result<Request> {
    with_headers(cx.request(method, "base_url", path)?, accept)
}

/// The headers that GitHub wants on every call, the token's among them.
fn with_headers(request: Request, accept: &str) -> Result<Request> {
    Ok(request.header("accept", accept)?.header("x-github-api-version", API_VERSION)?.secret(SecretSlot::Header {
        name: "authorization",
        prefix: "Bearer ",
        secret: "token".to_owned(),
    }))
}

/// A path below a repository: `/repos/{owner}/{repo}` + `rest`, whose own segments are the caller's to encode.
pub(crate) fn repo_path(owner: &str, repo: &str, rest: &str) -> String {
    format!("/repos/{}/{}{rest}", path_segment(owner), path_segment(repo))
}

/// A JSON body.
pub(crate) fn body(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::internal(format!("the request cannot be written as JSON: {e}")))
}

/// Sends a request; an answer that is no success becomes an error, see [`error`].
pub(crate) async fn send(cx: &Cx, request: Request, fields: FieldMap) -> Result<Response> {
    let response = cx.send(request).await?;
    if response.status.is_success() { Ok(response) } else { Err(error(&response, cx.now(), fields)) }
}

/// Sends a request and decodes the answer; a body that is not what GitHub documents is a `Protocol` error.
pub(crate) async fn send_json<T: DeserializeOwned>(cx: &Cx, request: Request, fields: FieldMap) -> Result<T> {
    send(cx, request, fields).await?.json()
}

/// Sends a request for one page of a list that numbers its pages; gives the answer's body and the next page's number,
/// none on the last.
pub(crate) async fn send_page<T: DeserializeOwned>(
    cx: &Cx,
    request: Request,
    fields: FieldMap,
) -> Result<(T, Option<u32>)> {
    let response = send(cx, request, fields).await?;
    let next = next_page(&response, "page").and_then(|n| n.parse().ok());
    Ok((response.json()?, next))
}

/// The value of the query parameter `name` (`page`, `after`) in the `Link` header's next page; none on the last page.
pub(crate) fn next_page(response: &Response, name: &str) -> Option<String> {
    let mut rest = response.header("link")?;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, tail) = after.split_once('>')?;
        let attributes = tail.split_once('<').map_or(tail, |(a, _)| a);
        if attributes.contains("rel=\"next\"") {
            let url = connector_core::request::parse_url(url).ok()?;
            return url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        }
        rest = tail;
    }
    None
}

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
    let used_up = response.header("x-ratelimit-remaining").is_some_and(|v| v.trim() == "0");
    let secondary = lower.contains("secondary rate limit") || lower.contains("abuse detection");
    let asked = status::retry_after(response, now);
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
    let reset = || response.header("x-ratelimit-reset").filter(|_| used_up).and_then(|v| status::until_unix(v, now));
    let after = asked.or_else(reset).unwrap_or(UNTOLD_PAUSE);
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

/// What `GET /user` tells. <https://docs.github.com/rest/users/users#get-the-authenticated-user>
#[derive(Deserialize)]
struct Account {
    login: String,
    id: u64,
}

/// What `GET /installation/repositories` tells.
#[derive(Deserialize)]
struct Installation {
    #[serde(default)]
    repositories: Vec<crate::model::Repository>,
}

/// Checks new credentials by asking who they are.
pub(crate) fn validate(cx: &Cx) -> BoxFuture<'_, Result<Validation>> {
    Box::pin(check(cx))
}

async fn check(cx: &Cx) -> Result<Validation> {
    let e = match whoami(cx).await {
        Ok(v) => return Ok(v),
        // A GitHub App's installation is nobody: it has repositories, but no user.
        Err(e) if e.kind() == ErrorKind::Permission && e.code().is_none() => match installation(cx).await {
            Ok(v) => return Ok(v),
            Err(_) => e,
        },
        Err(e) => e,
    };
    let not_github = "does not answer like GitHub's API; for GitHub Enterprise Server the address ends in /api/v3";
    Ok(match (e.kind(), e.status()) {
        (ErrorKind::Auth | ErrorKind::Permission, _) => Validation::failed("token", e.caller_text()),
        (ErrorKind::NotFound | ErrorKind::Protocol | ErrorKind::Unsupported, _) => {
            Validation::failed("base_url", not_github)
        }
        (ErrorKind::Refused, _) => Validation::failed("base_url", e.caller_text()),
        (ErrorKind::UpstreamUnavailable | ErrorKind::Timeout, None) => {
            Validation::failed("base_url", format!("cannot be reached: {}", e.caller_text()))
        }
        _ => return Err(e),
    })
}

async fn whoami(cx: &Cx) -> Result<Validation> {
    let response = send(cx, request(cx, Method::GET, "/user")?.endpoint("users/get-authenticated"), &[]).await?;
    let account: Account = response.json()?;
    // Classic tokens only; a fine-grained token's permissions are not told.
    let scopes = response.header("x-oauth-scopes").unwrap_or_default();
    let scopes = scopes.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    Ok(Validation::ok(account.login.clone())
        .identity("login", account.login)
        .identity("user_id", account.id.to_string())
        .scopes(scopes))
}

async fn installation(cx: &Cx) -> Result<Validation> {
    let request = request(cx, Method::GET, "/installation/repositories")?
        .query("per_page", "1")
        .endpoint("apps/list-repos-accessible-to-installation");
    let found: Installation = send_json(cx, request, &[]).await?;
    let owner = found.repositories.into_iter().next().and_then(|r| r.owner).map(|o| o.login);
    Ok(match owner {
        Some(login) => Validation::ok(format!("{login} (app installation)")).identity("login", login),
        None => Validation::ok("app installation without repositories"),
    })
}

/// What GitHub says in a refusal. Before an action builds on a refusal it reads it: one without GitHub's words comes from
/// something on the way and proves nothing, which is a `Protocol` error.
pub(crate) fn refusal(response: &Response) -> Result<String> {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    Ok(response.json::<Refusal>()?.message)
}

/// Looks whether something is there: nothing where GitHub itself answers 404.
pub(crate) async fn look(cx: &Cx, request: Request) -> Result<Option<Response>> {
    let response = cx.send(request).await?;
    match response.status.as_u16() {
        _ if response.status.is_success() => Ok(Some(response)),
        404 => refusal(&response).map(|_| None),
        _ => Err(error(&response, cx.now(), &[])),
    }
}

/// The same failure in other words: kind and text are new, the rest (status, operator's text) stays.
pub(crate) fn reworded(e: &Error, kind: ErrorKind, text: &str) -> Error {
    let new = Error::new(kind, text).with_operator(e.operator_text());
    match e.status() {
        Some(status) => new.with_status(status),
        None => new,
    }
}

/// A name of several segments from outside (a file's path, a branch): its slashes stay, each segment is encoded.
/// `pointer` is the input field that it comes from.
pub(crate) fn segments(text: &str, pointer: &str) -> Result<String> {
    let parts: Vec<&str> = text.split('/').collect();
    if parts.iter().any(|p| matches!(*p, "" | "." | "..")) {
        let why = "is not a name with single slashes inside it: it must not begin or end with a slash, and no part \
                   may be empty, `.` or `..`";
        return Err(Error::invalid_field(pointer, why));
    }
    Ok(parts.into_iter().map(path_segment).collect::<Vec<_>>().join("/"))
}

/// The word that a choice of the input stands for, for a query.
pub(crate) fn word<T: Serialize>(choice: Option<T>) -> Option<String> {
    let value = serde_json::to_value(choice?).ok()?;
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
