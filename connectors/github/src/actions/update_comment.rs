//! `PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{client, issues, model};

/// Changes the text of a comment on an issue or a pull request.
pub struct UpdateComment;

/// The new text of which comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The comment's numeric id, as `list_comments` gives it. It is no issue number.
    #[schemars(range(min = 1))]
    pub comment_id: u64,
    /// The new text in GitHub's Markdown; it takes the place of the whole text.
    #[schemars(length(min = 1, max = 65536))]
    pub body: String,
}

impl Action for UpdateComment {
    const SPEC: ActionSpec = ActionSpec::new("update_comment", "Update a comment")
        .summary("Changes the text of a comment on an issue or on the conversation of a pull request.")
        .docs("https://docs.github.com/rest/issues/comments#update-an-issue-comment")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "comment_id": 1, "body": "Me too"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "comment_id": 1, "body": ""}"#,
            why: "GitHub refuses an empty comment; `delete_comment` removes it.",
        }]);
    type Input = Input;
    type Output = model::Comment;

    async fn run(cx: &Cx, input: Input) -> Result<model::Comment> {
        let path = issues::comment_path(&input.owner, &input.repo, input.comment_id);
        let request = client::request(cx, Method::PATCH, &path)?
            .endpoint("issues/update-comment")
            .json(json!({"body": input.body}));
        client::send_json(cx, request, issues::COMMENT_FIELDS).await
    }
}
