//! `PUT /rest/api/3/issue/{issueIdOrKey}/assignee`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::{self, FieldMap};

/// Assigns an issue.
pub struct AssignIssue;

/// The word for nobody.
pub(crate) const UNASSIGNED: &str = "unassigned";
/// The word for whom the project assigns by itself.
const AUTOMATIC: &str = "automatic";
/// Jira's word for that.
const DEFAULT_ASSIGNEE: &str = "-1";

/// Whom to assign.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["issue_key", "assignee"]))]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The Atlassian account id (at a Data Center the user name); `automatic` for the project's default assignee,
    /// `unassigned` or null for nobody.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(length(min = 1, max = 255))]
    pub assignee: Option<String>,
}

/// Who it is assigned to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as the input named it.
    pub issue_key: String,
    /// The account id or user name; `automatic` when the project chose, null for nobody.
    pub assignee: Option<String>,
}

const FIELDS: FieldMap =
    FieldMap { known: &[("assignee", "/assignee"), ("accountId", "/assignee"), ("name", "/assignee")], rest: None };

impl Action for AssignIssue {
    const SPEC: ActionSpec = ActionSpec::new("assign_issue", "Assign an issue")
        .summary("Assigns an issue to a person, to the project's default assignee or to nobody.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-assignee-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "assignee": "5b10ac8d82e05b22cc7d4ef5"}"#,
            r#"{"issue_key": "ENG-24", "assignee": "unassigned"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24"}"#,
            why: "Nobody is `unassigned` or null, so that leaving it out does not take an issue from somebody.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let assignee = input.assignee.filter(|a| a != UNASSIGNED);
        let request = client::issue_request(cx, Method::PUT, &input.issue_key, "/assignee")?
            .endpoint("issue.assign")
            .json(named(cx, assignee.as_deref()));
        client::send(cx, request, FIELDS).await?;
        Ok(Output { issue_key: input.issue_key, assignee })
    }
}

fn named(cx: &Cx, assignee: Option<&str>) -> Value {
    let mut body = client::user(cx, assignee.map_or("", |a| if a == AUTOMATIC { DEFAULT_ASSIGNEE } else { a }));
    if assignee.is_none() {
        body.as_object_mut().into_iter().flatten().for_each(|(_, id)| *id = Value::Null);
    }
    body
}
