//! What all actions share: requests, whose credentials they carry, how people and texts are written, pages.
//!
//! What must not live here: anything about one endpoint; what an answer means that is no success ([`crate::errors`]).
//! Vendor's page: <https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/>.

use connector_core::{
    Cx, Error, ErrorKind, Method, Request, Response, Result,
    request::{parse_url, path_segment},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) use crate::errors::FieldMap;
use crate::{
    auth,
    errors::{self, Place},
    text::{self, Dialect, Format},
};

/// Where tokens that know their scopes, and OAuth, are answered.
pub(crate) const GATEWAY_HOST: &str = "api.atlassian.com";

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

/// A request about one issue; `rest` is what follows its key in the path: `""`, `/comment`.
pub(crate) fn issue_request(cx: &Cx, method: Method, issue_key: &str, rest: &str) -> Result<Request> {
    request(cx, method, &format!("/issue/{}{rest}", path_segment(issue_key)))
}

/// A request to any of Jira's APIs, its path from the root (`/rest/agile/1.0/board`), with the connection's
/// credentials, see [`auth::slot`].
pub(crate) fn request_at(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    request_plain(cx, method, path)?.header("accept", "application/json")
}

/// The same without saying what form the answer should have: for files.
pub(crate) fn request_plain(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    Ok(cx.request(method, "site", path)?.secret(auth::slot(cx)))
}

/// How a user is named in a body: by account id, at a Data Center by user name.
pub(crate) fn user(cx: &Cx, id: &str) -> Value {
    let key = if is_data_center(cx) { "name" } else { "accountId" };
    serde_json::json!({ key: id })
}

/// A text as this Jira takes it: a document, at a Data Center wiki markup.
pub(crate) fn text(cx: &Cx, format: Format, text: &str) -> Value {
    text::write(if is_data_center(cx) { Dialect::Wiki } else { Dialect::Adf }, format, text)
}

/// Sends a request; an answer that is no success becomes an error, see [`errors::error`].
pub(crate) async fn send(cx: &Cx, request: Request, place: impl Into<Place<'_>> + Send) -> Result<Response> {
    let mut place = place.into();
    place.data_center = is_data_center(cx);
    let response = cx.send(request).await?;
    if response.status.is_success() { Ok(response) } else { Err(errors::error(&response, cx.now(), place)) }
}

/// Sends a request and decodes the answer; a body that is not what Jira documents is a `Protocol` error.
pub(crate) async fn send_json<T: DeserializeOwned>(
    cx: &Cx,
    request: Request,
    place: impl Into<Place<'_>> + Send,
) -> Result<T> {
    send(cx, request, place).await?.json()
}

/// Where people look at an issue; unknown when the connection goes through Atlassian's gateway, which names no site, and
/// when the issue is named by its numeric id, which Jira's pages do not know.
pub(crate) fn browse_url(cx: &Cx, key: &str) -> Option<String> {
    key.contains('-').then(|| page_url(cx, key))?
}

/// Where people look at a project; unknown when the connection goes through Atlassian's gateway.
pub(crate) fn project_url(cx: &Cx, key: &str) -> Option<String> {
    page_url(cx, key)
}

fn page_url(cx: &Cx, key: &str) -> Option<String> {
    let site = cx.param_opt("site")?.trim_end_matches('/');
    let known = parse_url(site).ok()?.host_str() != Some(GATEWAY_HOST);
    known.then(|| format!("{site}/browse/{key}"))
}

/// One page of what Jira lists by offset. (Cloud's search is listed by `nextPageToken`, which needs no reckoning.)
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OffsetPage<T> {
    /// The items.
    #[serde(alias = "comments")]
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
        next_offset(self.start_at, self.values.len(), self.total, self.is_last)
    }
}

/// The offset that follows a page of `count` items; without a total or a word of Jira's that it is the last there may be more.
pub(crate) fn next_offset(start_at: u64, count: usize, total: Option<u64>, is_last: Option<bool>) -> Option<u64> {
    let end = start_at.checked_add(u64::try_from(count).ok()?)?;
    let last = is_last.unwrap_or_else(|| total.is_some_and(|t| end >= t));
    (!last && count > 0).then_some(end)
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
    Error::new(ErrorKind::InvalidInput, crate::errors::said("Jira does not accept the input", &messages.join("; ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::SecretSlot;
    use connector_testkit::canned::cx;
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_end() {
        let page = |v: Value| serde_json::from_value::<OffsetPage<u8>>(v).unwrap().next();
        assert_eq!(page(json!({"values": [1, 2], "startAt": 4, "total": 7})), Some(6));
        assert_eq!(page(json!({"values": [1, 2], "startAt": 4, "total": 6})), None);
        assert_eq!(page(json!({"values": [1, 2], "isLast": true})), None);
        assert_eq!(page(json!({"values": [1, 2], "isLast": false})), Some(2));
        assert_eq!(page(json!({"values": [], "isLast": false})), None);
        assert_eq!(page(json!({"values": [1], "startAt": u64::MAX})), None);
    }

    #[test]
    fn a_data_center_has_version_2_and_its_tokens_as_bearer() {
        let site = "https://jira.example.com/jira";
        let values = json!({"site": site, "deployment": DATA_CENTER, "email": "mia@example.com"});
        let (cx, _) = cx(&crate::CONNECTOR, values, vec![]);
        let r = issue_request(&cx, Method::GET, "ENG-7", "/comment").unwrap();
        assert_eq!(r.url().unwrap().as_str(), format!("{site}/rest/api/2/issue/ENG-7/comment"));
        assert!(matches!(&r.slots()[0], SecretSlot::Header { prefix: "Bearer ", .. }));
        assert_eq!(user(&cx, "mia"), json!({"name": "mia"}));
        assert_eq!(cloud_only(&cx, "use that").unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn pages_of_issues_are_known_by_key_and_site() {
        let url = |site: &str, key: &str| browse_url(&cx(&crate::CONNECTOR, json!({ "site": site }), vec![]).0, key);
        assert_eq!(url("https://a.example/", "ENG-7").as_deref(), Some("https://a.example/browse/ENG-7"));
        assert_eq!(url("https://a.example", "10002"), None);
        assert_eq!(url("https://api.atlassian.com/ex/jira/1", "ENG-7"), None);
        let (cx, _) = cx(&crate::CONNECTOR, json!({"site": "https://a.example"}), vec![]);
        assert_eq!(project_url(&cx, "ENG").as_deref(), Some("https://a.example/browse/ENG"));
    }
}
