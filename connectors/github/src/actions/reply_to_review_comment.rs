//! `POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{client, model::ReviewComment};

/// Answers a comment on a line.
pub struct ReplyToReviewComment;

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The pull request's number.
    #[schemars(range(min = 1))]
    pub pull_number: u64,
    /// The id of the comment that began the conversation; GitHub takes no answers to answers.
    #[schemars(range(min = 1))]
    pub comment_id: u64,
    /// The text in GitHub's Markdown.
    #[schemars(length(min = 1, max = 65536))]
    pub body: String,
}

impl Action for ReplyToReviewComment {
    const SPEC: ActionSpec = ActionSpec::new("reply_to_review_comment", "Reply to a review comment")
        .summary("Answers a comment on a line of a pull request, in the same conversation.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/pulls/comments#create-a-reply-for-a-review-comment")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1, "comment_id": 426899381, "body": "Great stuff!"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "comment_id": 426899381, "body": "Great stuff!"}"#,
            why: "The pull request must be told too: `pull_number`.",
        }]);
    type Input = Input;
    type Output = ReviewComment;

    async fn run(cx: &Cx, input: Input) -> Result<ReviewComment> {
        let rest = format!("/pulls/{}/comments/{}/replies", input.pull_number, input.comment_id);
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("pulls/create-reply-for-review-comment")
            .json(json!({"body": input.body}));
        client::send_json(cx, request, &[("body", "/body"), ("in_reply_to", "/comment_id")]).await
    }
}
