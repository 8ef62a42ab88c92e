//! `POST /repos/{owner}/{repo}/issues/{issue_number}/comments`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{client, issues, model};

/// Adds a comment to an issue or a pull request.
pub struct AddComment;

/// A new comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The number of the issue or pull request.
    #[schemars(range(min = 1))]
    pub issue_number: u64,
    /// The text in GitHub's Markdown.
    #[schemars(length(min = 1, max = 65536))]
    pub body: String,
}

impl Action for AddComment {
    const SPEC: ActionSpec = ActionSpec::new("add_comment", "Add a comment")
        .summary("Adds a comment to an issue or to the conversation of a pull request.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/issues/comments#create-an-issue-comment")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "body": "Me too"}"#])
        .anti_examples(&[AntiExample {
            input: r##"{"owner": "octocat", "repo": "Hello-World", "issue_number": "#1347", "body": "Me too"}"##,
            why: "`issue_number` is a number, without `#`.",
        }]);
    type Input = Input;
    type Output = model::Comment;

    async fn run(cx: &Cx, input: Input) -> Result<model::Comment> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "/comments");
        let request = client::request(cx, Method::POST, &path)?
            .endpoint("issues/create-comment")
            .json(json!({"body": input.body}));
        client::send_json(cx, request, issues::COMMENT_FIELDS).await
    }
}
