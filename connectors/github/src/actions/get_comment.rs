//! `GET /repos/{owner}/{repo}/issues/comments/{comment_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, issues, model};

/// Gives one comment on an issue or a pull request.
pub struct GetComment;

/// Which comment.
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
}

impl Action for GetComment {
    const SPEC: ActionSpec = ActionSpec::new("get_comment", "Get a comment")
        .summary("Gives one comment on an issue or on the conversation of a pull request.")
        .docs("https://docs.github.com/rest/issues/comments#get-an-issue-comment")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "comment_id": 1}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347}"#,
            why: "A comment is named by its own id; `list_comments` gives those of an issue.",
        }]);
    type Input = Input;
    type Output = model::Comment;

    async fn run(cx: &Cx, input: Input) -> Result<model::Comment> {
        let path = issues::comment_path(&input.owner, &input.repo, input.comment_id);
        client::send_json(cx, client::request(cx, Method::GET, &path)?.endpoint("issues/get-comment"), &[]).await
    }
}
