//! `DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, issues, model};

/// Deletes a comment on an issue or a pull request.
pub struct DeleteComment;

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

/// What is true now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Always true: the repository has no such comment, whether this call removed it or an earlier one.
    pub deleted: bool,
}

impl Action for DeleteComment {
    const SPEC: ActionSpec = ActionSpec::new("delete_comment", "Delete a comment")
        .summary("Deletes a comment on an issue or on the conversation of a pull request for good.")
        .docs("https://docs.github.com/rest/issues/comments#delete-an-issue-comment")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "comment_id": 1}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "comment_id": "issuecomment-1"}"#,
            why: "`comment_id` is the number alone.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = issues::comment_path(&input.owner, &input.repo, input.comment_id);
        let request = client::request(cx, Method::DELETE, &path)?.endpoint("issues/delete-comment");
        match client::ask(cx, request, 404, &[]).await? {
            Ok(_) => Ok(Output { deleted: true }),
            Err(refused) => gone(cx, &input, refused).await,
        }
    }
}

/// A 404 may mean that the comment is gone already, which is success. GitHub also hides so what the token may not see
/// or do. It is gone for sure if it cannot be read in a repository that can.
async fn gone(cx: &Cx, input: &Input, refused: Error) -> Result<Output> {
    let path = issues::comment_path(&input.owner, &input.repo, input.comment_id);
    let request = client::request(cx, Method::GET, &path)?.endpoint("issues/get-comment");
    if let Some(there) = client::look(cx, request).await? {
        there.json::<model::Comment>()?;
        return Err(client::hidden_refusal("the comment is there, and the connection's token may not delete it"));
    }
    let path = client::repo_path(&input.owner, &input.repo, "");
    let request = client::request(cx, Method::GET, &path)?.endpoint("repos/get");
    // The repository is hidden too: GitHub's first answer stands.
    let Some(seen) = client::look(cx, request).await? else { return Err(refused) };
    seen.json::<model::Repository>()?;
    Ok(Output { deleted: true })
}
