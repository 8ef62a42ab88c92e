//! What the calls of an issue tracker take and give. What must not live here: anything that calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::capability::Person;

/// What the states of all trackers come down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateCategory {
    /// Nobody works on it yet.
    Open,
    /// Somebody works on it. Trackers with two states have none of these.
    InProgress,
    /// Finished, whether it was solved or given up.
    Done,
}

/// The state of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// As the service calls it: `In Review`, `closed`.
    pub name: String,
    /// What it comes down to.
    pub category: StateCategory,
}

/// A state to bring an issue to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StateTarget {
    /// Any state of this category; an issue that is in one already stays in it.
    Category(StateCategory),
    /// The state that the service calls so.
    Named(#[schemars(length(min = 1))] String),
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// What people call it: `PROJ-1`, `octo/repo#7`. The other calls take it.
    pub key: String,
    /// Its id at the service, which survives moves and renames.
    pub id: String,
    /// Where people look at it, if the service says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it lies in: a repository, a project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The title, one line.
    pub title: String,
    /// The text in Markdown; empty when there is none.
    #[serde(default)]
    pub body: String,
    /// Its state, where the service told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Who works on it.
    #[serde(default)]
    pub assignees: Vec<Person>,
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

/// A new issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIssue {
    /// Where it goes: a repository, a project; the connection's default unless told.
    #[serde(default)]
    pub container: Option<String>,
    /// The title. Line breaks become blanks, and what is longer than the service takes is cut with an ellipsis.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The text in Markdown.
    #[serde(default)]
    pub body: Option<String>,
    /// Labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Who is to work on it, by [`Person::id`]. Trackers that know one assignee take the first.
    #[serde(default)]
    pub assignees: Vec<String>,
    /// The kind of issue, as the service calls it (`Bug`); the service's own default unless told.
    #[serde(default)]
    pub kind: Option<String>,
}

/// What an issue is to become; what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueChange {
    /// The issue.
    #[schemars(length(min = 1))]
    pub key: String,
    /// The new title.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub title: Option<String>,
    /// The new text in Markdown; an empty one clears it.
    #[serde(default)]
    pub body: Option<String>,
    /// All its labels from now on.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    /// Everybody who works on it from now on, by [`Person::id`].
    #[serde(default)]
    pub assignees: Option<Vec<String>>,
    /// The state to bring it to: `open`, `in_progress`, `done`, or the service's own name of a state.
    #[serde(default)]
    pub state: Option<StateTarget>,
}

/// Which issues. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueFilter {
    /// Where: a repository, a project; the connection's default unless told.
    #[serde(default)]
    pub container: Option<String>,
    /// Words that title or text hold.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub text: Option<String>,
    /// Only issues in a state of this category.
    #[serde(default)]
    pub state: Option<StateCategory>,
    /// Only issues that have all these labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Only issues of this assignee, by [`Person::id`].
    #[serde(default)]
    pub assignee: Option<String>,
    /// Only issues changed at this time or later, ISO 8601.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub updated_since: Option<String>,
    /// Most issues of this page; the service may give fewer. 50 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comment {
    /// Its id at the service.
    pub id: String,
    /// The text in Markdown.
    #[serde(default)]
    pub body: String,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// Where people look at it, if the service says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// What happened to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueEventKind {
    /// It was made.
    Created,
    /// Something of it changed, its state among it.
    Updated,
    /// It was deleted, or moved out of sight.
    Deleted,
    /// A comment was added.
    CommentCreated,
    /// A comment was changed.
    CommentUpdated,
    /// A comment was deleted.
    CommentDeleted,
}

/// An event of the service in the words all trackers share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueEvent {
    /// What happened.
    pub kind: IssueEventKind,
    /// The issue as it is after that, as far as the event tells.
    pub issue: Issue,
    /// The comment it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Person>,
}
