//! What the calls of a forge take and give. What must not live here: anything that calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{blob::Blob, capability::Person};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// What people call it: `octo/repo`. The other calls take it.
    pub name: String,
    /// Its id at the service, which survives renames.
    pub id: String,
    /// Where people look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The branch that pull requests go to unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// Whether only some people see it, where the service says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

/// A file in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its path from the root, without a leading slash.
    pub path: String,
    /// Its content: as text if it is UTF-8, else as base64.
    pub content: Blob,
    /// The mark of this version; [`FileChange::revision`] takes it.
    pub revision: String,
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileChange {
    /// The repository; the connection's default unless told.
    #[serde(default)]
    pub repository: Option<String>,
    /// Its path from the root, without a leading slash.
    #[schemars(length(min = 1))]
    pub path: String,
    /// The new content.
    pub content: Blob,
    /// The commit's message.
    #[schemars(length(min = 1))]
    pub message: String,
    /// The branch to commit to; the repository's default branch unless told.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub branch: Option<String>,
    /// The version that it replaces; left out for a new file. If the file changed meanwhile the call fails.
    #[serde(default)]
    pub revision: Option<String>,
}

/// A commit that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitRef {
    /// Its SHA.
    pub sha: String,
    /// Where people look at it, if the service says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Where a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestState {
    /// It waits to be merged.
    Open,
    /// It was merged.
    Merged,
    /// It was closed without being merged.
    Closed,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequest {
    /// What people call it: `octo/repo#7`. The other calls take it.
    pub key: String,
    /// Its id at the service.
    pub id: String,
    /// Where people look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The repository it goes to.
    pub repository: String,
    /// The title.
    pub title: String,
    /// The text in Markdown; empty when there is none.
    #[serde(default)]
    pub body: String,
    /// Where it stands.
    pub state: PullRequestState,
    /// Whether it is a draft.
    #[serde(default)]
    pub draft: bool,
    /// The branch it comes from.
    pub source: String,
    /// The branch it goes to.
    pub target: String,
    /// The newest commit of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A new pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPullRequest {
    /// The repository it goes to; the connection's default unless told.
    #[serde(default)]
    pub repository: Option<String>,
    /// The title.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The text in Markdown.
    #[serde(default)]
    pub body: Option<String>,
    /// The branch it comes from; from a fork in the service's own way (`user:branch`).
    #[schemars(length(min = 1))]
    pub source: String,
    /// The branch it goes to; the repository's default branch unless told.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub target: Option<String>,
    /// Whether it is a draft.
    #[serde(default)]
    pub draft: bool,
}

/// Which pull requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PullRequestFilter {
    /// The repository they go to; the connection's default unless told.
    #[serde(default)]
    pub repository: Option<String>,
    /// Only those that stand here; open ones unless told.
    #[serde(default)]
    pub state: Option<PullRequestState>,
    /// Only those that go to this branch.
    #[serde(default)]
    pub target: Option<String>,
    /// Where to go on: `next` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// How commits are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeMethod {
    /// A merge commit.
    Merge,
    /// All commits as one.
    Squash,
    /// All commits on top of the target.
    Rebase,
}

/// A pull request to merge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The pull request: `octo/repo#7`.
    #[schemars(length(min = 1))]
    pub key: String,
    /// How; the repository's own way unless told.
    #[serde(default)]
    pub method: Option<MergeMethod>,
    /// The newest commit as the caller knows it: if there is a newer one the call fails.
    #[serde(default)]
    pub head: Option<String>,
    /// The commit's message; the service's own unless told.
    #[serde(default)]
    pub message: Option<String>,
}

/// What a check of a commit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitState {
    /// It is under way.
    Pending,
    /// It went well.
    Success,
    /// It went wrong.
    Failure,
    /// It could not be done.
    Error,
}

/// What a check says of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitStatus {
    /// The repository; the connection's default unless told.
    #[serde(default)]
    pub repository: Option<String>,
    /// The commit's SHA.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{7,64}$"))]
    pub sha: String,
    /// What it came to.
    pub state: CommitState,
    /// The check's name: a later status of the same name replaces this one.
    #[schemars(length(min = 1))]
    pub name: String,
    /// A short text.
    #[serde(default)]
    pub description: Option<String>,
    /// Where people find the details.
    #[serde(default)]
    #[schemars(url)]
    pub url: Option<String>,
}

/// What happened at a forge, in the words all forges share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ForgeEvent {
    /// Commits were pushed, or a branch or tag was made or deleted.
    Push {
        /// The repository.
        repository: String,
        /// The full ref: `refs/heads/main`, `refs/tags/v1`.
        git_ref: String,
        /// The commit until then; none for a new ref.
        before: Option<String>,
        /// The commit now; none for a deleted ref.
        after: Option<String>,
        /// The messages of the commits, oldest first, as far as the event tells them.
        messages: Vec<String>,
        /// Who pushed.
        actor: Option<Person>,
    },
    /// A pull request was opened.
    PullRequestOpened {
        /// The pull request.
        pull_request: Box<PullRequest>,
        /// Who did it.
        actor: Option<Person>,
    },
    /// A pull request was changed: its commits, text, reviewers, …
    PullRequestUpdated {
        /// The pull request.
        pull_request: Box<PullRequest>,
        /// Who did it.
        actor: Option<Person>,
    },
    /// A pull request was merged.
    PullRequestMerged {
        /// The pull request.
        pull_request: Box<PullRequest>,
        /// Who did it.
        actor: Option<Person>,
    },
    /// A pull request was closed without being merged.
    PullRequestClosed {
        /// The pull request.
        pull_request: Box<PullRequest>,
        /// Who did it.
        actor: Option<Person>,
    },
}
