//! `POST /rest/api/3/search/jql`; at a Data Center `POST /rest/api/2/search`.

use std::collections::BTreeMap;

use connector_core::{Action, ActionSpec, AntiExample, Cx, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    fields::Fields,
    model::IssueOut,
    search::{self, Expand, Query},
};

/// Finds issues by JQL.
pub struct SearchIssues;

/// Which issues, and what of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The query in Jira's language, such as `project = ENG AND status = "In Progress" ORDER BY updated DESC`. Jira Cloud wants
    /// a restriction: an order alone is refused.
    #[schemars(length(min = 1, max = 20000), regex(pattern = r"\S"))]
    pub jql: String,
    /// Which fields of each issue: ids of Jira's, declared names, `customfield_10016`, or `*all`; `-` before one leaves it out.
    /// Unless told: those that the output has a name for, without the description, and the declared ones.
    #[serde(default)]
    #[schemars(length(max = 200), inner(length(min = 1, max = 100)))]
    pub fields: Vec<String>,
    /// What to tell beside the fields.
    #[serde(default)]
    #[schemars(length(max = 3))]
    pub expand: Vec<Expand>,
    /// Most issues of this page; 50 unless told. Jira gives fewer where many fields are asked for.
    #[serde(default)]
    #[schemars(range(min = 1, max = 5000))]
    pub max_results: Option<u32>,
    /// Where to go on: `next_page_token` of the page before, with all else the same.
    #[serde(default)]
    #[schemars(length(min = 1, max = 10000))]
    pub next_page_token: Option<String>,
    /// Jira Cloud: numeric ids of issues that were changed just now, so that the search knows their last state; without it a
    /// change may take a while to be found. The same for every page.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub reconcile_issues: Vec<u64>,
}

/// One page of issues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issues, in the query's order.
    pub issues: Vec<IssueOut>,
    /// The next page's mark; nothing on the last page. Jira Cloud forgets it after seven days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// What people call the fields, by id, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<BTreeMap<String, String>>,
}

impl Action for SearchIssues {
    const SPEC: ActionSpec = ActionSpec::new("search_issues", "Search issues")
        .summary("Finds issues by a JQL query and gives them flat, with declared custom fields by their names.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post")
        .read()
        .scopes(&["read:jira-work"])
        .paged(Paging { items: "/issues", next_output: "/next_page_token", next_input: "/next_page_token" })
        .examples(&[
            r#"{"jql": "project = ENG AND statusCategory != Done ORDER BY updated DESC"}"#,
            r#"{"jql": "assignee = currentUser() AND sprint in openSprints()", "fields": ["summary", "status", "story_points"], "max_results": 20}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"query": "login"}"#,
            why: "`jql` is a query in Jira's language: `text ~ login`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        let page = search::page(
            cx,
            Query {
                jql: input.jql,
                fields: search::wanted(&declared, &input.fields, false)?,
                expand: search::expand(&input.expand),
                max_results: input.max_results.unwrap_or(50),
                next_page_token: input.next_page_token,
                reconcile_issues: input.reconcile_issues,
            },
        )
        .await?;
        Ok(Output {
            issues: page.issues.into_iter().map(|raw| IssueOut::of(cx, &declared, raw)).collect(),
            next_page_token: page.next_page_token,
            names: page.names,
        })
    }
}
