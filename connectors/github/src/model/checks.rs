//! What says how a commit did: statuses and check runs. The first half are answers and tolerant; what a caller writes
//! stands below and is strict.

use connector_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::User;

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

/// A check run: what an app found about a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRun {
    /// Its numeric id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The commit.
    pub head_sha: String,
    /// `queued`, `in_progress`, `completed`, `waiting`, `requested` or `pending`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How it ended: `success`, `failure`, `neutral`, `cancelled`, `skipped`, `timed_out`, `action_required` or `stale`;
    /// absent until it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// The page of the system that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details_url: Option<String>,
    /// Its id in the system that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When it began, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// What it found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<CheckRunOutput>,
    /// The suite that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_suite: Option<CheckSuiteLink>,
    /// The app that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppLink>,
    /// The open pull requests of this repository that have the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_requests: Option<Vec<LinkedPullRequest>>,
}

/// What a check run found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRunOutput {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The summary in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The details in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many lines of code it annotates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations_count: Option<u64>,
}

/// The suite of a check run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSuiteLink {
    /// Its numeric id.
    pub id: u64,
}

/// The GitHub App that made something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppLink {
    /// Its numeric id.
    pub id: u64,
    /// Its name in addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A pull request that a check or a workflow ran for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkedPullRequest {
    /// Its number in the repository.
    pub number: u64,
    /// The branch it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<LinkedBranch>,
    /// The branch it goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<LinkedBranch>,
}

/// A branch at one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkedBranch {
    /// The branch's name.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The commit.
    pub sha: String,
}

/// How far a check run is, as a caller says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It waits to begin.
    Queued,
    /// It runs.
    InProgress,
    /// It has ended; a conclusion is needed.
    Completed,
}

/// How a check run ended, as a caller says it. (`stale` is GitHub's own to set.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckConclusion {
    /// Somebody must do something, see `details_url`.
    ActionRequired,
    /// It was cancelled.
    Cancelled,
    /// It failed.
    Failure,
    /// Neither good nor bad.
    Neutral,
    /// It went well.
    Success,
    /// It was skipped.
    Skipped,
    /// It took too long.
    TimedOut,
}

/// GitHub wants to know how a check run ended as soon as it has.
///
/// # Errors
/// `InvalidInput` where that is missing.
pub(crate) fn needs_conclusion(
    status: Option<CheckStatus>,
    has_end: bool,
    conclusion: Option<CheckConclusion>,
) -> Result<()> {
    if conclusion.is_none() && (has_end || status == Some(CheckStatus::Completed)) {
        return Err(Error::invalid_field("/conclusion", "is required beside `completed_at` or the status `completed`"));
    }
    Ok(())
}

/// What a check run found, as a caller writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckReport {
    /// The title.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The summary in Markdown.
    #[schemars(length(max = 65535))]
    pub summary: String,
    /// The details in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65535))]
    pub text: Option<String>,
    /// Remarks on lines of code, at most 50 a call. An update adds to those that are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub annotations: Vec<Annotation>,
    /// Images that the pull request shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<CheckImage>,
}

/// How bad a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationLevel {
    /// For information.
    Notice,
    /// Somebody should look.
    Warning,
    /// It is wrong.
    Failure,
}

/// A remark on lines of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// The file's path from the root, such as `src/main.rs`.
    #[schemars(length(min = 1))]
    pub path: String,
    /// The first line; the file's first is 1.
    #[schemars(range(min = 1))]
    pub start_line: u32,
    /// The last line.
    #[schemars(range(min = 1))]
    pub end_line: u32,
    /// The first column, from 1; only where first and last line are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub start_column: Option<u32>,
    /// The last column; only where first and last line are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub end_column: Option<u32>,
    /// How bad it is.
    pub annotation_level: AnnotationLevel,
    /// The remark, at most 64 KB.
    #[schemars(length(min = 1, max = 65536))]
    pub message: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub title: Option<String>,
    /// More about it, at most 64 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub raw_details: Option<String>,
}

/// An image in a check's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckImage {
    /// What it shows, for people who cannot see it.
    #[schemars(length(min = 1))]
    pub alt: String,
    /// Where it is.
    #[schemars(url)]
    pub image_url: String,
    /// A line below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// A button on the check run's page. A click comes back as event `check_run.requested_action`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckButton {
    /// What stands on it.
    #[schemars(length(min = 1, max = 20))]
    pub label: String,
    /// What it does.
    #[schemars(length(min = 1, max = 40))]
    pub description: String,
    /// What the event will call it.
    #[schemars(length(min = 1, max = 20))]
    pub identifier: String,
}
