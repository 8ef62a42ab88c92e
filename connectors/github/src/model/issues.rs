//! Shapes around issues: labels with all they have, types, states. What must not live here: anything that calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    /// It is open.
    Open,
    /// It is closed.
    Closed,
}

/// Issues or pull requests in which states are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum States {
    /// Open ones.
    Open,
    /// Closed ones.
    Closed,
    /// Both.
    All,
}

/// Why an issue is in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateReason {
    /// Closed: it is done.
    Completed,
    /// Closed: it will not be done.
    NotPlanned,
    /// Closed: another issue is about the same.
    Duplicate,
    /// Open again.
    Reopened,
}

impl StateReason {
    /// GitHub's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
            Self::Reopened => "reopened",
        }
    }
}

/// The type of an issue, as its organization defines them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueType {
    /// Its name, such as `Bug`.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A label as its repository has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryLabel {
    /// Its numeric id, which survives renames.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its colour as six hex digits, without `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is one of those that GitHub gives to new repositories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}

/// All labels that an issue has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueLabels {
    /// The labels.
    pub labels: Vec<RepositoryLabel>,
}

/// Whether a conversation is locked now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Locked {
    /// Whether only people who can push may comment.
    pub locked: bool,
}
