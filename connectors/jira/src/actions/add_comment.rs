//! `POST /rest/api/3/issue/{issueIdOrKey}/comment`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client, comments,
    model::{CommentOut, Restriction},
    text::Format,
};

/// Adds a comment to an issue.
pub struct AddComment;

/// A new comment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The text.
    #[schemars(length(min = 1, max = 32767), regex(pattern = r"\S"))]
    pub body: String,
    /// How `body` is read; Markdown unless told.
    #[serde(default)]
    pub format: Format,
    /// Who alone may read it; everybody who sees the issue unless told.
    #[serde(default)]
    pub visibility: Option<Restriction>,
}

impl Action for AddComment {
    const SPEC: ActionSpec = ActionSpec::new("add_comment", "Add a comment")
        .summary("Adds a comment to an issue.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "body": "Fixed in **2.1**.\n\nPlease try again."}"#,
            r#"{"issue_key": "ENG-24", "body": "The log is clean.", "visibility": {"type": "role", "value": "Developers"}}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "https://example.atlassian.net/browse/ENG-24", "body": "Fixed"}"#,
            why: "`issue_key` is the key alone.",
        }]);
    type Input = Input;
    type Output = CommentOut;

    async fn run(cx: &Cx, input: Input) -> Result<CommentOut> {
        let request = client::issue_request(cx, Method::POST, &input.issue_key, "/comment")?
            .endpoint("issue.comment.add")
            .json(comments::body(cx, input.format, &input.body, input.visibility.as_ref()));
        Ok(CommentOut::of(cx, &input.issue_key, client::send_json(cx, request, comments::FIELDS).await?))
    }
}
