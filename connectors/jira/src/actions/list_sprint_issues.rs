//! `GET /rest/agile/1.0/sprint/{sprintId}/issue`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::{IssueOut, RawIssue},
    search,
};

/// Lists the issues of a sprint.
pub struct ListSprintIssues;

/// Which sprint, which issues, and what of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The number of the sprint; `list_sprints` finds it.
    #[schemars(range(min = 1))]
    pub sprint_id: u64,
    /// Only issues that this query in Jira's language finds, such as `statusCategory != Done`. Its order goes before the
    /// sprint's.
    #[serde(default)]
    #[schemars(length(min = 1, max = 20000), regex(pattern = r"\S"))]
    pub jql: Option<String>,
    /// Which fields of each issue: ids of Jira's, declared names, `customfield_10016`, or `*all`; `-` before one leaves it out.
    /// Unless told: those that the output has a name for, without the description, and the declared ones.
    #[serde(default)]
    #[schemars(length(max = 200), inner(length(min = 1, max = 100)))]
    pub fields: Vec<String>,
    /// How many issues to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most issues of this page, 1 to 100; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issues of this page, in their rank unless `jql` orders them.
    pub issues: Vec<IssueOut>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Jira names the items here, and not `values` as elsewhere.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    issues: Vec<RawIssue>,
    #[serde(default)]
    start_at: u64,
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    is_last: Option<bool>,
}

const FIELDS: FieldMap = FieldMap { known: &[("jql", "/jql"), ("fields", "/fields")], rest: None };

impl Action for ListSprintIssues {
    const SPEC: ActionSpec = ActionSpec::new("list_sprint_issues", "List issues of a sprint")
        .summary("Lists the issues of a sprint flat, with declared custom fields by their names.")
        .docs("https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/#api-rest-agile-1-0-sprint-sprintid-issue-get")
        .read()
        .scopes(&["read:sprint:jira-software", "read:issue-details:jira", "read:jql:jira"])
        .paged(Paging { items: "/issues", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[
            r#"{"sprint_id": 37}"#,
            r#"{"sprint_id": 37, "jql": "statusCategory != Done", "fields": ["summary", "status", "assignee"]}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"sprint_id": "active"}"#,
            why: "A sprint is named by its number; `list_sprints` finds the active one.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        let fields = search::wanted(&declared, &input.fields, false)?;
        let path = format!("/rest/agile/1.0/sprint/{}/issue", input.sprint_id);
        let request = client::request_at(cx, Method::GET, &path)?
            .endpoint("sprint.issue.list")
            .query("fields", &fields.join(","))
            .query_opt("jql", input.jql)
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: Page = client::send_json(cx, request, FIELDS).await?;
        Ok(Output {
            next_start_at: client::next_offset(page.start_at, page.issues.len(), page.total, page.is_last),
            total: page.total,
            issues: page.issues.into_iter().map(|raw| IssueOut::of(cx, &declared, raw)).collect(),
        })
    }
}
