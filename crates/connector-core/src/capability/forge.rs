//! Any forge, that is any home of repositories and pull requests: GitHub, GitLab, Bitbucket.
//!
//! Repositories are named as people name them (`octo/repo`, `group/sub/repo`), pull requests by a *key* that names the
//! repository too (`octo/repo#7`, `group/repo!7`). What GitLab calls a merge request is a pull request here. Text is
//! Markdown.

mod model;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use model::{
    CommitRef, CommitState, CommitStatus, File, FileChange, ForgeEvent, Merge, MergeMethod, NewPullRequest,
    PullRequest, PullRequestFilter, PullRequestState, Repository,
};

use super::{
    Page,
    operation::{BoxedCall, Operation, call, input},
};
use crate::{
    cx::Cx,
    error::Result,
    spec::{Effect, Idempotency},
};

/// Any forge.
#[async_trait]
pub trait Forge: Send + Sync {
    /// One repository; the connection's default unless told.
    ///
    /// # Errors
    /// `NotFound` for an unknown one.
    async fn get_repository(&self, cx: &Cx, name: Option<&str>) -> Result<Repository>;
    /// The repositories that the connection's account can reach.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn list_repositories(&self, cx: &Cx, cursor: Option<&str>) -> Result<Page<Repository>>;
    /// One file, at a branch, tag or commit; at the default branch unless told.
    ///
    /// # Errors
    /// `NotFound` where there is none; `InvalidInput` for a folder.
    async fn get_file(&self, cx: &Cx, repository: Option<&str>, path: &str, git_ref: Option<&str>) -> Result<File>;
    /// Writes one file as a commit.
    ///
    /// # Errors
    /// `Conflict` when the file is not what [`FileChange::revision`] says.
    async fn put_file(&self, cx: &Cx, file: FileChange) -> Result<CommitRef>;
    /// Opens a pull request.
    ///
    /// # Errors
    /// `Conflict` when there is one between these branches already.
    async fn create_pull_request(&self, cx: &Cx, new: NewPullRequest) -> Result<PullRequest>;
    /// One pull request.
    ///
    /// # Errors
    /// `NotFound` for an unknown key; `InvalidInput` for what is no key.
    async fn get_pull_request(&self, cx: &Cx, key: &str) -> Result<PullRequest>;
    /// Pull requests, those made last first.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn list_pull_requests(&self, cx: &Cx, filter: PullRequestFilter) -> Result<Page<PullRequest>>;
    /// Merges a pull request.
    ///
    /// # Errors
    /// `Conflict` when it cannot be merged, or changed meanwhile.
    async fn merge_pull_request(&self, cx: &Cx, merge: Merge) -> Result<CommitRef>;
    /// Adds a comment to a pull request's conversation, in Markdown; gives its id.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn comment_pull_request(&self, cx: &Cx, key: &str, body: &str) -> Result<String>;
    /// Says what a check of a commit came to.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn set_commit_status(&self, cx: &Cx, status: CommitStatus) -> Result<()>;
    /// What an event of the service says, if it is one that all forges have. Needs no call.
    fn read_event(&self, event_type: &str, payload: &Value) -> Option<ForgeEvent>;
}

/// A repository, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RepositoryName {
    /// The repository: `octo/repo`; the connection's default unless told.
    #[serde(default)]
    repository: Option<String>,
}

/// Where in a list to go on, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cursor {
    /// Where to go on: `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A file's place, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FilePlace {
    /// The repository: `octo/repo`; the connection's default unless told.
    #[serde(default)]
    repository: Option<String>,
    /// Its path from the root, without a leading slash.
    #[schemars(length(min = 1))]
    path: String,
    /// A branch, tag or commit; the repository's default branch unless told.
    #[serde(rename = "ref", default)]
    git_ref: Option<String>,
}

/// A pull request's key, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Key {
    /// The pull request: `octo/repo#7`.
    #[schemars(length(min = 1))]
    key: String,
}

/// A comment to add, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewComment {
    /// The pull request: `octo/repo#7`.
    #[schemars(length(min = 1))]
    key: String,
    /// The text in Markdown.
    #[schemars(length(min = 1))]
    body: String,
}

/// A comment that was made.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct CommentId {
    /// Its id at the service.
    id: String,
}

const READ: (Effect, Idempotency) = (Effect::Read, Idempotency::Natural);
const WRITE: (Effect, Idempotency) = (Effect::Write, Idempotency::None);

/// The operations of a forge.
pub(super) const OPERATIONS: &[Operation<dyn Forge>] = &[
    Operation::new::<RepositoryName, Repository>(
        "get_repository",
        "Get a repository",
        "Gives one repository by its name.",
        READ,
        |f, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let RepositoryName { repository } = input(v)?;
                call(f.get_repository(cx, repository.as_deref()).await)
            })
        },
    ),
    Operation::new::<Cursor, Page<Repository>>(
        "list_repositories",
        "List repositories",
        "Lists the repositories that the connection's account can reach.",
        READ,
        |f, cx, v| -> BoxedCall<'_> {
            Box::pin(async move { call(f.list_repositories(cx, input::<Cursor>(v)?.cursor.as_deref()).await) })
        },
    ),
    Operation::new::<FilePlace, File>(
        "get_file",
        "Get a file",
        "Gives one file of a repository.",
        READ,
        |f, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let FilePlace { repository, path, git_ref } = input(v)?;
                call(f.get_file(cx, repository.as_deref(), &path, git_ref.as_deref()).await)
            })
        },
    ),
    Operation::new::<FileChange, CommitRef>(
        "put_file",
        "Write a file",
        "Writes one file of a repository as a commit.",
        WRITE,
        |f, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(f.put_file(cx, input(v)?).await) }) },
    ),
    Operation::new::<NewPullRequest, PullRequest>(
        "create_pull_request",
        "Open a pull request",
        "Opens a pull request between two branches.",
        WRITE,
        |f, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(f.create_pull_request(cx, input(v)?).await) }) },
    ),
    Operation::new::<Key, PullRequest>(
        "get_pull_request",
        "Get a pull request",
        "Gives one pull request by its key.",
        READ,
        |f, cx, v| -> BoxedCall<'_> {
            Box::pin(async move { call(f.get_pull_request(cx, &input::<Key>(v)?.key).await) })
        },
    ),
    Operation::new::<PullRequestFilter, Page<PullRequest>>(
        "list_pull_requests",
        "List pull requests",
        "Lists the pull requests of a repository.",
        READ,
        |f, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(f.list_pull_requests(cx, input(v)?).await) }) },
    ),
    Operation::new::<Merge, CommitRef>(
        "merge_pull_request",
        "Merge a pull request",
        "Merges a pull request into its target.",
        WRITE,
        |f, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(f.merge_pull_request(cx, input(v)?).await) }) },
    ),
    Operation::new::<NewComment, CommentId>(
        "comment_pull_request",
        "Comment a pull request",
        "Adds a comment to the conversation of a pull request.",
        WRITE,
        |f, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let NewComment { key, body } = input(v)?;
                call(f.comment_pull_request(cx, &key, &body).await.map(|id| CommentId { id }))
            })
        },
    ),
    Operation::new::<CommitStatus, ()>(
        "set_commit_status",
        "Set a commit status",
        "Says what a check of a commit came to.",
        (Effect::Write, Idempotency::Natural),
        |f, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(f.set_commit_status(cx, input(v)?).await) }) },
    ),
];
