//! `DELETE /rest/api/3/issue/{issueIdOrKey}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap};

/// Deletes an issue.
pub struct DeleteIssue;

/// Which issue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Whether its sub-tasks are deleted with it. Unless told, an issue with sub-tasks is not deleted.
    #[serde(default)]
    pub delete_subtasks: bool,
}

/// The issue is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as the input named it.
    pub issue_key: String,
    /// Always true: what was not deleted is an error.
    pub deleted: bool,
}

impl Action for DeleteIssue {
    // An issue that is not there is an error even in a repeated call: Jira answers the same when the account may not see it.
    const SPEC: ActionSpec = ActionSpec::new("delete_issue", "Delete an issue")
        .summary("Deletes an issue for good, with its comments, attachments and, if told, its sub-tasks.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24"}"#, r#"{"issue_key": "ENG-24", "delete_subtasks": true}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24,ENG-25"}"#,
            why: "One call deletes one issue.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::issue_request(cx, Method::DELETE, &input.issue_key, "")?
            .endpoint("issue.delete")
            .query("deleteSubtasks", if input.delete_subtasks { "true" } else { "false" });
        client::send(cx, request, FieldMap { known: &[("deleteSubtasks", "/delete_subtasks")], rest: None }).await?;
        Ok(Output { issue_key: input.issue_key, deleted: true })
    }
}
