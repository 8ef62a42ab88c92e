//! `PUT /repos/{owner}/{repo}/contents/{path}`.

use base64::Engine as _;
use connector_core::{
    Action, ActionSpec, AntiExample, Blob, Bytes, Cx, Effect, ErrorKind, Idempotency, Method, Result,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    files::{self, Place},
    model::{CommitPerson, WritingCommit, WrittenFile},
};

/// Creates a file or replaces its content, by a commit.
pub struct PutContents;

/// The file, its new content, and the commit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// The new content. Files under `.github/workflows` need the scope `workflow` too.
    pub content: Blob,
    /// The commit's message.
    #[schemars(length(min = 1))]
    pub message: String,
    /// The SHA of the content (the blob) that is replaced, as get_contents tells it; needed if the file is there. If the
    /// file was changed meanwhile nothing is written.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40,64}$"))]
    pub sha: Option<String>,
    /// The branch to commit to; the default branch unless told.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub branch: Option<String>,
    /// Who the commit is said to be made by; the token's user unless told.
    #[serde(default)]
    pub committer: Option<CommitPerson>,
    /// Who the change is said to be written by; the committer unless told.
    #[serde(default)]
    pub author: Option<CommitPerson>,
}

/// The file as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The file.
    pub content: WrittenFile,
    /// The commit that made it so.
    pub commit: WritingCommit,
    /// Whether the file was made by this call; absent where that cannot be told (`unchanged`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Whether the file held exactly this content already, so that nothing was written.
    pub unchanged: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    committer: Option<&'a CommitPerson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a CommitPerson>,
}

#[derive(Deserialize)]
struct Written {
    content: WrittenFile,
    commit: WritingCommit,
}

impl Action for PutContents {
    const SPEC: ActionSpec = ActionSpec::new("put_contents", "Write a file")
        .summary("Creates a file in a repository or replaces its content, as a commit on a branch.")
        .docs("https://docs.github.com/rest/repos/contents#create-or-update-file-contents")
        // GitHub refuses a second write of the same version, and `unchanged` finds that it is done.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "path": "notes/hello.txt", "content": {"text": "Hello"}, "message": "Say hello", "branch": "greetings"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "path": "logo.png", "content": {"base64": "iVBORw0KGgo="}, "message": "New logo", "sha": "95b966ae1c166bd92f8ae7d1c313e738c731dfc3"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "path": "notes/hello.txt", "content": "Hello", "message": "Say hello"}"#,
            why: "The content says what it is: `{\"text\": …}` or `{\"base64\": …}`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let place =
            Place { owner: &input.owner, repo: &input.repo, path: &input.path, git_ref: input.branch.as_deref() };
        let url = place.url()?;
        let content = cx.open(&input.content).await?;
        let body = client::body(&Body {
            message: &input.message,
            content: base64::prelude::BASE64_STANDARD.encode(&content),
            sha: input.sha.as_deref(),
            branch: input.branch.as_deref(),
            committer: input.committer.as_ref(),
            author: input.author.as_ref(),
        })?;
        let request =
            client::request(cx, Method::PUT, &url)?.endpoint("repos/create-or-update-file-contents").json(body);
        let response = cx.send(request).await?;
        if response.status.is_success() {
            let written: Written = response.json()?;
            return Ok(Output {
                content: written.content,
                commit: written.commit,
                created: Some(response.status.as_u16() == 201),
                unchanged: false,
            });
        }
        let e = files::refused(&response, cx.now());
        if e.kind() != ErrorKind::Conflict {
            return Err(e);
        }
        client::refusal(&response)?;
        unchanged(cx, place, &content).await?.ok_or(e)
    }
}

/// Whether the file is what it should become: then an earlier call of the same kind wrote it, and its answer was lost.
async fn unchanged(cx: &Cx, place: Place<'_>, content: &Bytes) -> Result<Option<Output>> {
    let Some(found) = place.look(cx).await? else { return Ok(None) };
    let as_long = found.kind == "file" && usize::try_from(found.size) == Ok(content.len());
    if !as_long || place.content(cx, &found).await? != content {
        return Ok(None);
    }
    Ok(place.last_commit(cx).await?.map(|commit| Output {
        content: WrittenFile { path: found.path, sha: found.sha, size: found.size, html_url: found.html_url },
        commit: commit.into(),
        created: None,
        unchanged: true,
    }))
}
