//! Shapes that payloads and answers share. Tolerant: what people use is named, the rest is left out; only what GitHub
//! always sends is required. What must not live here: anything that calls.

mod checks;
mod commits;
mod contents;
pub mod events;
mod gists;
mod hooks;
mod issues;
mod lines;
mod people;
mod pulls;
mod releases;
mod reports;
mod repositories;
mod search;
mod workflows;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use checks::{App, CheckRun, CheckRunOutput, CheckSuite, CommitStatus, PullRequestRef, RefAndSha};
pub use commits::{
    ChangedFile, Commit, CommitDetail, CommitParent, CommitStats, GitPerson, PushedCommit, Verification,
};
pub use contents::{CommitPerson, FolderEntry, WritingCommit, WrittenFile};
pub use gists::{Gist, GistFile};
pub use hooks::{Hook, HookConfig, HookResponse};
pub use issues::{IssueLabels, IssueState, IssueType, Locked, RepositoryLabel, StateReason, States};
pub(crate) use lines::Lines;
pub use lines::Side;
pub use people::{Account, Profile, Team};
pub use pulls::{AutoMerge, PullRequest, PullRequestEnd, Review, ReviewComment};
pub use releases::{Release, ReleaseAsset};
pub(crate) use reports::needs_conclusion;
pub use reports::{Annotation, AnnotationLevel, CheckButton, CheckConclusion, CheckImage, CheckReport, CheckStatus};
pub use repositories::{License, RepositoryDetails, RepositoryPermissions, RepositoryRef};
pub use search::{FoundFile, Match, Order, SearchPage, TextMatch};
pub use workflows::{Step, Workflow, WorkflowJob, WorkflowRun};

/// Reads a list that may be null or hold nulls, as GitHub's description allows; they are left out.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Option::<Vec<Option<T>>>::deserialize(deserializer)?;
    Ok(items.into_iter().flatten().flatten().collect())
}

/// A user, an organization or a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its name at GitHub.
    pub login: String,
    /// Its numeric id, which survives renames.
    pub id: u64,
    /// `User`, `Organization` or `Bot`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// Its numeric id, which survives renames.
    pub id: u64,
    /// Its name without the owner.
    pub name: String,
    /// Owner and name, such as `octocat/Hello-World`.
    pub full_name: String,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<User>,
    /// Whether it is private.
    #[serde(default)]
    pub private: bool,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The branch that pull requests go to unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// Who sees it: `public`, `private` or `internal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Whether it is a fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<bool>,
    /// Whether it is archived, and so cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// What it is filed under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// The programming language that most of it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How many stars it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stargazers_count: Option<u64>,
    /// How many forks it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forks_count: Option<u64>,
    /// How many open issues and pull requests it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_issues_count: Option<u64>,
}

/// An organization, as deliveries carry it beside the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    /// Its name at GitHub.
    pub login: String,
    /// Its numeric id.
    pub id: u64,
}

/// The installation of a GitHub App that a delivery came by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Installation {
    /// Its numeric id.
    pub id: u64,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "LabelForm")]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its colour as six hex digits, without `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// GitHub's description of the API allows a label to be its name alone.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum LabelForm {
    Name(String),
    Whole {
        name: String,
        #[serde(default)]
        color: Option<String>,
    },
}

impl From<LabelForm> for Label {
    fn from(form: LabelForm) -> Self {
        match form {
            LabelForm::Name(name) => Self { name, color: None },
            LabelForm::Whole { name, color } => Self { name, color },
        }
    }
}

/// A milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Milestone {
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// When it is due, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
}

/// What an issue that is a pull request says about that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequestLink {
    /// The pull request's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// The pull request in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An issue. At GitHub every pull request is an issue too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// The lists are always written, since an empty one says something; some payloads lack them.
#[schemars(extend("required" = ["id", "number", "title", "html_url"]))]
pub struct Issue {
    /// Its numeric id, unique at GitHub.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `open` or `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why it is in that state: `completed`, `not_planned`, `duplicate`, `reopened`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Its page.
    pub html_url: String,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Its labels.
    #[serde(default, deserialize_with = "list")]
    #[schemars(with = "Option<Vec<Option<Label>>>")]
    pub labels: Vec<Label>,
    /// Who it is assigned to.
    #[serde(default, deserialize_with = "list")]
    #[schemars(with = "Option<Vec<Option<User>>>")]
    pub assignees: Vec<User>,
    /// Its milestone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// Whether its conversation is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Why its conversation is locked: `off-topic`, `too heated`, `resolved`, `spam`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_lock_reason: Option<String>,
    /// How many comments it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<u64>,
    /// Its type, where the organization has types.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub issue_type: Option<IssueType>,
    /// The repository it lies in, in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_url: Option<String>,
    /// Only there when the issue is a pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestLink>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When it was closed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
}

/// A comment on an issue or a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comment {
    /// Its numeric id.
    pub id: u64,
    /// Its page.
    pub html_url: String,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// What a text was before an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Previous {
    /// The text until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What an edit changed; there only for actions that change texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The title until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Previous>,
    /// The text until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Previous>,
}
