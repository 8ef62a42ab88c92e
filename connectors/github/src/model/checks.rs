//! What says how a commit did: statuses, check runs and suites, in answers and in payloads. What a caller writes is strict and
//! stands in `reports`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Account, PushedCommit, RepositoryRef, User};

/// A commit's status in one context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitStatus {
    /// Its numeric id.
    pub id: u64,
    /// `error`, `failure`, `pending` or `success`.
    pub state: String,
    /// What tells it from the statuses of other systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// A short text about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where people read more, such as the build's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_url: Option<String>,
    /// Who set it; GitHub says so where one status was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<User>,
    /// When it was set, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A check of a commit: one run of one test of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRun {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// What is checked, such as `test-coverage`.
    pub name: String,
    /// The commit that is checked.
    pub head_sha: String,
    /// The app's own id of it; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// `queued`, `pending`, `waiting`, `in_progress` or `completed`.
    pub status: String,
    /// How it ended: `success`, `failure`, `neutral`, `cancelled`, `timed_out`, `action_required`, `skipped`, `stale`;
    /// none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// What it found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<CheckRunOutput>,
    /// The suite that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_suite: Option<CheckSuite>,
    /// The app that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<App>,
    /// The pull requests with this head; none for those from forks.
    #[serde(default, deserialize_with = "super::list", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<Option<PullRequestRef>>>")]
    pub pull_requests: Vec<PullRequestRef>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// Its page at the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details_url: Option<String>,
    /// When it started, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRunOutput {
    /// Its heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A summary in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The details in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many lines it commented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations_count: Option<u64>,
}

/// All checks that one app made for one push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSuite {
    /// Its numeric id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The branch that was pushed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_branch: Option<String>,
    /// The commit that is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_sha: Option<String>,
    /// That commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_commit: Option<PushedCommit>,
    /// The commit that the branch pointed to before the push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The commit that the branch pointed to after the push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// `requested`, `queued`, `pending`, `waiting`, `in_progress` or `completed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How it ended, the worst of its checks: `success`, `failure`, `neutral`, `cancelled`, `timed_out`,
    /// `action_required`, `skipped`, `stale`, `startup_failure`; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// The pull requests with this head; none for those from forks.
    #[serde(default, deserialize_with = "super::list", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<Option<PullRequestRef>>>")]
    pub pull_requests: Vec<PullRequestRef>,
    /// The app that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<App>,
    /// How many checks it has, the newest of each name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_check_runs_count: Option<u64>,
    /// The suite in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A GitHub App.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct App {
    /// Its numeric id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its name in addresses, such as `github-actions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its OAuth client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Account>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// A pull request in few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequestRef {
    /// Its numeric id, unique at GitHub.
    pub id: u64,
    /// Its number in the repository.
    pub number: u64,
    /// The pull request in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where its commits are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<RefAndSha>,
    /// Where they are to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<RefAndSha>,
}

/// A branch and its newest commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefAndSha {
    /// The branch without `refs/heads/`.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The commit.
    pub sha: String,
    /// The repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepositoryRef>,
}
