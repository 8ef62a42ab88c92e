//! `DELETE /repos/{owner}/{repo}/contents/{path}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    files::{self, Place},
    model::WritingCommit,
};

/// Deletes a file, by a commit.
pub struct DeleteContents;

/// The file, and the commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The file's path from the repository's root, without a leading slash.
    #[schemars(length(min = 1))]
    pub path: String,
    /// The SHA of its content (the blob), as get_contents tells it. If the file was changed meanwhile it stays.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40,64}$"))]
    pub sha: String,
    /// The commit's message.
    #[schemars(length(min = 1))]
    pub message: String,
    /// The branch to commit to; the default branch unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub branch: Option<String>,
    /// Who the commit is said to be made by; the token's user unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committer: Option<Person>,
    /// Who the change is said to be written by; the committer unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
}

/// Who a commit is said to be from. GitHub takes no time here, as it does where a file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The e-mail address.
    #[schemars(extend("format" = "email"))]
    pub email: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: the file is not in the branch now.
    pub deleted: bool,
    /// The commit that deleted it.
    pub commit: WritingCommit,
    /// Whether it was deleted before this call, so that there was nothing left to do.
    pub already_deleted: bool,
}

#[derive(Deserialize)]
struct Deleted {
    commit: WritingCommit,
}

impl Action for DeleteContents {
    const SPEC: ActionSpec = ActionSpec::new("delete_contents", "Delete a file")
        .summary("Deletes a file of a repository, as a commit on a branch.")
        .docs("https://docs.github.com/rest/repos/contents#delete-a-file")
        // A second call finds that it is done, see `already`.
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "path": "notes/hello.txt", "sha": "329688480d39049927147c162b9d2deaf885005f", "message": "No more notes"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "path": "notes/hello.txt", "message": "No more notes"}"#,
            why: "GitHub deletes only the version that `sha` names.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let place =
            Place { owner: &input.owner, repo: &input.repo, path: &input.path, git_ref: input.branch.as_deref() };
        let body = client::json_of(&input, &["owner", "repo", "path"])?;
        let request = client::request(cx, Method::DELETE, &place.url()?)?.endpoint("repos/delete-file").json(body);
        let response = cx.send(request).await?;
        if response.status.is_success() {
            let done: Deleted = response.json()?;
            return Ok(Output { deleted: true, commit: done.commit, already_deleted: false });
        }
        let e = files::refused(&response, cx.now());
        if e.kind() != ErrorKind::NotFound {
            return Err(e);
        }
        client::refusal(&response)?;
        already(cx, place).await?.ok_or(e)
    }
}

/// 404 may also mean a wrong path, branch or token. Only a file that the branch's history knows, and that is not there
/// now, was deleted.
async fn already(cx: &Cx, place: Place<'_>) -> Result<Option<Output>> {
    let Some(commit) = place.last_commit(cx).await? else { return Ok(None) };
    let there = place.look(cx).await?.is_some();
    Ok((!there).then(|| Output { deleted: true, commit: commit.into(), already_deleted: true }))
}
