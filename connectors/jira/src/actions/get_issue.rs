//! `GET /rest/api/3/issue/{issueIdOrKey}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::{IssueOut, RawIssue},
    search::{self, Expand},
};

/// Gives one issue.
pub struct GetIssue;

/// Which issue, and what of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Which fields: ids of Jira's (`summary`, `comment`), declared names, `customfield_10016`, or `*all`; `-` before one leaves
    /// it out. Unless told: those that the output has a name for, and the declared ones.
    #[serde(default)]
    #[schemars(length(max = 200), inner(length(min = 1, max = 100)))]
    pub fields: Vec<String>,
    /// What to tell beside the fields.
    #[serde(default)]
    #[schemars(length(max = 3))]
    pub expand: Vec<Expand>,
}

impl Action for GetIssue {
    const SPEC: ActionSpec = ActionSpec::new("get_issue", "Get an issue")
        .summary("Gives an issue with its fields: flat, texts as Markdown, declared custom fields by their names.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24"}"#,
            r#"{"issue_key": "ENG-24", "fields": ["summary", "status", "story_points"], "expand": ["changelog"]}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "the login issue"}"#,
            why: "`issue_key` is a key or an id; `search_issues` finds issues by words.",
        }]);
    type Input = Input;
    type Output = IssueOut;

    async fn run(cx: &Cx, input: Input) -> Result<IssueOut> {
        let declared = Fields::of(cx)?;
        let fields = search::wanted(&declared, &input.fields, true)?;
        let request = client::issue_request(cx, Method::GET, &input.issue_key, "")?
            .endpoint("issue.get")
            .query("fields", &fields.join(","))
            .query_opt("expand", search::expand(&input.expand));
        let raw: RawIssue = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(IssueOut::of(cx, &declared, raw))
    }
}
