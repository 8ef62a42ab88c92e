//! `DELETE /rest/api/3/issue/{issueIdOrKey}/watchers`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap};

/// Removes a watcher from an issue.
pub struct RemoveWatcher;

/// Which issue, who.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Who shall no longer watch: an Atlassian account id, at a Data Center a user name.
    #[schemars(length(min = 1, max = 128))]
    pub user: String,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as it was named.
    pub issue_key: String,
    /// Whether the person watches it.
    pub watching: bool,
}

impl Action for RemoveWatcher {
    const SPEC: ActionSpec = ActionSpec::new("remove_watcher", "Remove a watcher")
        .summary("Makes a person no longer watch an issue.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-watchers/#api-rest-api-3-issue-issueidorkey-watchers-delete")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24", "user": "5b10ac8d82e05b22cc7d4ef5"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24"}"#,
            why: "`user` says who.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = format!("/issue/{}/watchers", path_segment(&input.issue_key));
        let who = if client::is_data_center(cx) { "username" } else { "accountId" };
        let request =
            client::request(cx, Method::DELETE, &path)?.endpoint("issue.watcher.remove").query(who, &input.user);
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { issue_key: input.issue_key, watching: false })
    }
}
