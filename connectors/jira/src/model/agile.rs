//! Boards and sprints, as Jira sends them and as actions give them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Project, lenient};

/// A board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Board {
    /// Its number.
    pub id: u64,
    /// Its name; nothing for a private board of somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `scrum` has sprints, `kanban` has none; `simple`, the board of a team-managed project, may have them.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The project that it stands in, where Jira says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
}

/// A sprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sprint {
    /// Its number: what JQL's `sprint = 37` names.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// `future`, `active` or `closed`.
    pub state: String,
    /// What shall be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// When it begins or began, such as `2026-11-23T09:00:00.000Z`; nothing while nobody planned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// When it shall end, in the form of `start_date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// When it was closed, in the form of `start_date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_date: Option<String>,
    /// The number of the board that it was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board_id: Option<u64>,
}

/// How far a sprint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SprintState {
    /// It was not begun yet.
    Future,
    /// It runs.
    Active,
    /// It is over.
    Closed,
}

impl SprintState {
    /// As Jira writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Future => "future",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// A board as Jira sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct RawBoard {
    id: u64,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    location: Option<RawLocation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLocation {
    #[serde(default)]
    project_id: Option<u64>,
    project_key: String,
    #[serde(default)]
    project_name: Option<String>,
}

impl From<RawBoard> for Board {
    fn from(raw: RawBoard) -> Self {
        let project = |l: RawLocation| Project {
            id: l.project_id.map(|id| id.to_string()),
            key: l.project_key,
            name: l.project_name,
        };
        Self { id: raw.id, name: raw.name, kind: raw.kind, project: raw.location.map(project) }
    }
}

/// A sprint as Jira sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawSprint {
    id: u64,
    name: String,
    state: String,
    #[serde(default, deserialize_with = "lenient")]
    goal: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    start_date: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    end_date: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    complete_date: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    origin_board_id: Option<u64>,
}

impl From<RawSprint> for Sprint {
    fn from(raw: RawSprint) -> Self {
        Self {
            id: raw.id,
            name: raw.name,
            // A Data Center's older versions write it in capitals.
            state: raw.state.to_lowercase(),
            goal: raw.goal.filter(|g| !g.trim().is_empty()),
            start_date: raw.start_date,
            end_date: raw.end_date,
            complete_date: raw.complete_date,
            board_id: raw.origin_board_id,
        }
    }
}
