//! Searching: one form for Jira Cloud, which goes from page to page by tokens, and for a Data Center, which does so by
//! offset.
//!
//! What must not live here: queries' texts ([`crate::jql`]). Vendor's pages:
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/>,
//! <https://docs.atlassian.com/software/jira/docs/api/REST/9.17.0/#api/2/search>.

use std::collections::BTreeMap;

use connector_core::{Cx, Error, ErrorKind, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::RawIssue,
};

/// What an issue can tell beside its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expand {
    /// What people call each field.
    Names,
    /// What changed, by whom and when.
    Changelog,
    /// Fields as HTML.
    RenderedFields,
}

impl Expand {
    fn as_str(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Changelog => "changelog",
            Self::RenderedFields => "renderedFields",
        }
    }
}

/// Jira's list of what to expand; nothing for nothing.
pub(crate) fn expand(list: &[Expand]) -> Option<String> {
    (!list.is_empty()).then(|| list.iter().map(|e| e.as_str()).collect::<Vec<_>>().join(","))
}

/// Fields that [`crate::model::IssueOut`] has a name for, but the text.
const NAMED: &[&str] = &[
    "summary",
    "status",
    "issuetype",
    "priority",
    "resolution",
    "labels",
    "assignee",
    "reporter",
    "project",
    "parent",
    "created",
    "updated",
    "duedate",
];

/// Which fields to ask for: what the input says, else those that the output names and those that the connection declares.
pub(crate) fn wanted(declared: &Fields, given: &[String], text: bool) -> Result<Vec<String>> {
    if given.is_empty() {
        let description = text.then_some("description");
        return Ok(NAMED.iter().copied().chain(description).chain(declared.ids()).map(str::to_owned).collect());
    }
    let mut ids = declared.select(given)?;
    // Asked for its id alone an issue comes without its key.
    ids.retain(|id| id != "id");
    if ids.is_empty() {
        ids.push("key".to_owned());
    }
    Ok(ids)
}

/// A search.
pub(crate) struct Query {
    pub(crate) jql: String,
    pub(crate) fields: Vec<String>,
    pub(crate) expand: Option<String>,
    pub(crate) max_results: u32,
    pub(crate) next_page_token: Option<String>,
    pub(crate) reconcile_issues: Vec<u64>,
}

/// A page of issues.
pub(crate) struct Page {
    pub(crate) issues: Vec<RawIssue>,
    pub(crate) next_page_token: Option<String>,
    pub(crate) names: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    issues: Vec<RawIssue>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(default)]
    is_last: Option<bool>,
    #[serde(default)]
    start_at: u64,
    #[serde(default)]
    total: Option<u64>,
    #[serde(default, deserialize_with = "crate::model::names")]
    names: Option<BTreeMap<String, String>>,
}

/// One page of a search.
pub(crate) async fn page(cx: &Cx, query: Query) -> Result<Page> {
    let data_center = client::is_data_center(cx);
    if !query.reconcile_issues.is_empty() {
        client::cloud_only(cx, "leave `reconcile_issues` out")?;
    }
    let mut body = json!({"jql": query.jql, "fields": query.fields, "maxResults": query.max_results});
    let mut set = |name: &str, value: Value| drop(body.as_object_mut().map(|b| b.insert(name.to_owned(), value)));
    if data_center {
        set("startAt", json!(offset(query.next_page_token.as_deref())?));
        if let Some(list) = &query.expand {
            set("expand", json!(list.split(',').collect::<Vec<_>>()));
        }
    } else {
        if let Some(list) = query.expand {
            set("expand", json!(list));
        }
        if let Some(token) = query.next_page_token {
            set("nextPageToken", json!(token));
        }
        if !query.reconcile_issues.is_empty() {
            set("reconcileIssues", json!(query.reconcile_issues));
        }
    }
    let path = if data_center { "/search" } else { "/search/jql" };
    let request = client::request(cx, Method::POST, path)?.endpoint("search").json(body);
    let found: Answer = client::send_json(cx, request, FIELDS).await.map_err(explained)?;
    let next_page_token = if data_center {
        client::next_offset(found.start_at, found.issues.len(), found.total, found.is_last).map(|n| n.to_string())
    } else {
        found.next_page_token.filter(|t| !t.is_empty() && found.is_last != Some(true))
    };
    Ok(Page { issues: found.issues, next_page_token, names: found.names })
}

/// How many issues a query finds, and whether that is exact.
pub(crate) async fn count(cx: &Cx, jql: &str) -> Result<(u64, bool)> {
    #[derive(Deserialize)]
    struct Counted {
        #[serde(alias = "total")]
        count: u64,
    }
    let exact = client::is_data_center(cx);
    let (path, body) = if exact {
        ("/search", json!({"jql": jql, "startAt": 0, "maxResults": 0, "fields": ["key"]}))
    } else {
        ("/search/approximate-count", json!({ "jql": jql }))
    };
    let request = client::request(cx, Method::POST, path)?.endpoint("search.count").json(body);
    let counted: Counted = client::send_json(cx, request, FIELDS).await.map_err(explained)?;
    Ok((counted.count, exact))
}

const FIELDS: FieldMap =
    FieldMap { known: &[("jql", "/jql"), ("fields", "/fields"), ("nextPageToken", "/next_page_token")], rest: None };

/// A Data Center's page mark: the offset, which callers are not to look into.
fn offset(token: Option<&str>) -> Result<u64> {
    let wrong =
        || Error::invalid_field("/next_page_token", "is no mark of a page; give `next_page_token` of the page before");
    token.map_or(Ok(0), |t| t.parse().map_err(|_| wrong()))
}

/// Jira speaks of the query in words alone: they belong to `/jql`, and the refusal of a query without a restriction says
/// what would be one.
fn explained(e: Error) -> Error {
    if e.kind() != ErrorKind::InvalidInput || !e.fields().is_empty() || e.status().is_none() {
        return e;
    }
    let message = if e.caller_text().to_lowercase().contains("unbounded") {
        "has no restriction, and Jira Cloud searches only within one; add one, such as `project = ENG` or `created >= -30d`"
            .to_owned()
    } else {
        e.caller_text().trim_start_matches("Jira does not accept the input: ").to_owned()
    };
    let status = e.status().unwrap_or_default();
    Error::invalid_field("/jql", message).with_status(status).with_operator(e.operator_text())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_testkit::canned::{block_on, cx, response, sent_json};

    use super::*;

    fn query() -> Query {
        Query {
            jql: "project = ENG".into(),
            fields: vec!["summary".into()],
            expand: expand(&[Expand::Names, Expand::Changelog]),
            max_results: 2,
            next_page_token: None,
            reconcile_issues: vec![],
        }
    }

    fn found(deployment: &str, query: Query, answer: Value) -> (Result<Page>, Option<Value>) {
        let values = json!({"site": "https://a.example", "deployment": deployment});
        let (cx, sent) = cx(&crate::CONNECTOR, values, vec![Ok(response(200, &[], answer))]);
        let page = block_on(page(&cx, query));
        (page, sent.take().first().map(sent_json))
    }

    #[test]
    fn a_data_centers_offset_goes_as_a_mark() {
        let issues = json!([{"id": "1", "key": "ENG-1"}, {"id": "2", "key": "ENG-2"}]);
        let (page, sent) = found("data_center", query(), json!({"startAt": 0, "total": 3, "issues": issues}));
        assert_eq!(page.unwrap().next_page_token.as_deref(), Some("2"));
        assert_eq!(
            sent.unwrap(),
            json!({"jql": "project = ENG", "fields": ["summary"], "maxResults": 2, "startAt": 0, "expand": ["names", "changelog"]})
        );
        let second = Query { next_page_token: Some("2".into()), ..query() };
        let (page, sent) =
            found("data_center", second, json!({"startAt": 2, "total": 3, "issues": [{"id": "3", "key": "ENG-3"}]}));
        assert_eq!((page.unwrap().next_page_token, &sent.unwrap()["startAt"]), (None, &json!(2)));
        let wrong = Query { next_page_token: Some("x".into()), ..query() };
        let (page, sent) = found("data_center", wrong, json!({}));
        assert_eq!((page.err().unwrap().fields()[0].pointer.as_str(), sent), ("/next_page_token", None));
    }

    #[test]
    fn clouds_last_page_has_no_mark() {
        let answer = |token: Value, last: Value| json!({"issues": [], "nextPageToken": token, "isLast": last});
        let next = |a: Value| found("cloud", query(), a).0.unwrap().next_page_token;
        assert_eq!(next(answer(json!("CAE"), json!(false))).as_deref(), Some("CAE"));
        assert_eq!(next(answer(json!("CAE"), Value::Null)).as_deref(), Some("CAE"));
        assert_eq!(next(answer(json!("CAE"), json!(true))), None);
        assert_eq!(next(answer(Value::Null, json!(true))), None);
    }

    #[test]
    fn what_only_cloud_has_is_refused_before_anything_is_sent() {
        let (page, sent) = found("data_center", Query { reconcile_issues: vec![1], ..query() }, json!({}));
        assert_eq!((page.err().unwrap().kind(), sent), (ErrorKind::Unsupported, None));
    }

    #[test]
    fn an_issue_never_comes_without_its_key() {
        let f = Fields::default();
        assert_eq!(wanted(&f, &["id".into()], false).unwrap(), ["key"]);
        assert_eq!(wanted(&f, &["id".into(), "summary".into()], false).unwrap(), ["summary"]);
        assert!(wanted(&f, &[], true).unwrap().contains(&"description".to_owned()));
        assert!(!wanted(&f, &[], false).unwrap().contains(&"description".to_owned()));
    }
}
