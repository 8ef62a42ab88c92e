//! What all actions share: requests, answers and page marks; below it GitHub's errors in normalized words, inputs as
//! bodies and queries, and the connection's validator.
//!
//! What must not live here: anything about one endpoint.

mod check;
mod errors;
pub(crate) mod hooks;
mod inputs;
mod refusals;
pub(crate) mod uploads;

use connector_core::{Cx, Error, Method, Request, Response, Result, SecretSlot, request::path_segment};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) use check::validate;
pub(crate) use errors::{FieldMap, error};
pub(crate) use inputs::{given, json_of, query_of};
pub(crate) use refusals::{Sentence, ask, hidden_refusal, look, refusal, reword, reworded};

/// The REST version that every call names. Its successor is `2026-03-10`, the first with breaking changes; this one is
/// supported until March 2028 at least.
pub(crate) const API_VERSION: &str = "2022-11-28";

/// The media type of GitHub's plain answers.
pub(crate) const JSON: &str = "application/vnd.github+json";

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
    page(&send(cx, request, fields).await?)
}

/// One page of a list that numbers its pages, and the next page's number.
pub(crate) fn page<T: DeserializeOwned>(response: &Response) -> Result<(T, Option<u32>)> {
    let next = next_page(response, "page").and_then(|n| n.parse().ok());
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

#[cfg(test)]
mod tests;
