//! `GET /rest/api/3/issue/{issueIdOrKey}/comment/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, comments, model::CommentOut};

/// Gives one comment.
pub struct GetComment;

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

impl Action for GetComment {
    const SPEC: ActionSpec = ActionSpec::new("get_comment", "Get a comment")
        .summary("Gives one comment of an issue, its text as Markdown.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-id-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24", "comment_id": "10000"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24", "comment_id": "last"}"#,
            why: "A comment is named by its id; `list_comments` gives the newest first with `order_by`.",
        }]);
    type Input = Input;
    type Output = CommentOut;

    async fn run(cx: &Cx, input: Input) -> Result<CommentOut> {
        let request =
            comments::request(cx, Method::GET, &input.issue_key, &input.comment_id)?.endpoint("issue.comment.get");
        Ok(CommentOut::of(cx, &input.issue_key, client::send_json(cx, request, comments::FIELDS).await?))
    }
}
