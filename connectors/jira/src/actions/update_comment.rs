//! `PUT /rest/api/3/issue/{issueIdOrKey}/comment/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client, comments,
    model::{CommentOut, Restriction},
    text::Format,
};

/// Changes a comment.
pub struct UpdateComment;

/// What the comment becomes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The numeric id of the comment, as text.
    #[schemars(length(max = 20), regex(pattern = r"^[0-9]+$"))]
    pub comment_id: String,
    /// The whole new text.
    #[schemars(length(min = 1, max = 32767), regex(pattern = r"\S"))]
    pub body: String,
    /// How `body` is read; Markdown unless told.
    #[serde(default)]
    pub format: Format,
    /// Who alone may read it. Give it again for a comment that is restricted: Jira does not promise to keep what is left out.
    #[serde(default)]
    pub visibility: Option<Restriction>,
    /// Jira Cloud: whether watchers are told. They are unless told otherwise.
    #[serde(default)]
    pub notify_users: Option<bool>,
}

impl Action for UpdateComment {
    const SPEC: ActionSpec = ActionSpec::new("update_comment", "Update a comment")
        .summary("Replaces the text of a comment, and its restriction to a role or group.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-id-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24", "comment_id": "10000", "body": "Fixed in 2.2."}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24", "comment_id": "10000", "body": ""}"#,
            why: "A comment is never empty; `delete_comment` removes it.",
        }]);
    type Input = Input;
    type Output = CommentOut;

    async fn run(cx: &Cx, input: Input) -> Result<CommentOut> {
        if input.notify_users.is_some() {
            client::cloud_only(cx, "leave `notify_users` out")?;
        }
        let request = comments::request(cx, Method::PUT, &input.issue_key, &input.comment_id)?
            .endpoint("issue.comment.update")
            .query_opt("notifyUsers", input.notify_users)
            .json(comments::body(cx, input.format, &input.body, input.visibility.as_ref()));
        Ok(CommentOut::of(cx, &input.issue_key, client::send_json(cx, request, comments::FIELDS).await?))
    }
}
