//! `DELETE /rest/api/3/issue/{issueIdOrKey}/comment/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, comments};

/// Deletes a comment.
pub struct DeleteComment;

/// Which comment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The numeric id of the comment, as text.
    #[schemars(length(max = 20), regex(pattern = r"^[0-9]+$"))]
    pub comment_id: String,
}

/// The comment is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as the input named it.
    pub issue_key: String,
    /// The id of the comment that was.
    pub comment_id: String,
    /// Always true: what was not deleted is an error.
    pub deleted: bool,
}

impl Action for DeleteComment {
    // A comment that is not there is an error even in a repeated call: Jira answers the same when the account may not see it.
    const SPEC: ActionSpec = ActionSpec::new("delete_comment", "Delete a comment")
        .summary("Deletes a comment of an issue for good.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-id-delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24", "comment_id": "10000"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24"}"#,
            why: "`comment_id` says which comment; the issue stays.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = comments::request(cx, Method::DELETE, &input.issue_key, &input.comment_id)?
            .endpoint("issue.comment.delete");
        client::send(cx, request, comments::FIELDS).await?;
        Ok(Output { issue_key: input.issue_key, comment_id: input.comment_id, deleted: true })
    }
}
