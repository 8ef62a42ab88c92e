//! `POST /rest/api/3/issue/{issueIdOrKey}/watchers`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap};

/// Adds a watcher to an issue.
pub struct AddWatcher;

/// Which issue, who.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Who shall watch: an Atlassian account id, at a Data Center a user name. Default: the connection's own account.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    pub user: Option<String>,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as it was named.
    pub issue_key: String,
    /// Whether the person watches it.
    pub watching: bool,
}

impl Action for AddWatcher {
    const SPEC: ActionSpec = ActionSpec::new("add_watcher", "Add a watcher")
        .summary("Makes a person watch an issue, so that Jira notifies them of it; without a person, the connection's own account.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-watchers/#api-rest-api-3-issue-issueidorkey-watchers-post")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "user": "5b10ac8d82e05b22cc7d4ef5"}"#,
            r#"{"issue_key": "ENG-24"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24", "user": {"accountId": "5b10ac8d82e05b22cc7d4ef5"}}"#,
            why: "`user` is the id alone.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = format!("/issue/{}/watchers", path_segment(&input.issue_key));
        let request = client::request(cx, Method::POST, &path)?.endpoint("issue.watcher.add");
        let request = match input.user {
            // The body is the bare id, in quotation marks.
            Some(user) => request.json(user.into()),
            // Nobody named is oneself; the endpoint still wants to be spoken to in JSON.
            None => request.bytes("application/json", Vec::new().into()),
        };
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { issue_key: input.issue_key, watching: true })
    }
}
