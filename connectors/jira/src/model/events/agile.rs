//! What happens to boards and sprints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{super::lenient, Common};

/// Something happened to a sprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SprintPayload {
    /// Which event it is, and when. Who did it Jira does not tell.
    #[serde(flatten)]
    pub common: Common,
    /// The sprint as it is now; a deleted one as it was.
    pub sprint: Sprint,
    /// The sprint before the change, of `sprint_updated`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub old_value: Option<Sprint>,
}

/// A sprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sprint {
    /// Its number. Actions take it as `sprint_id`.
    pub id: u64,
    /// Its name.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `future`, `active` or `closed`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What shall be reached; empty if nobody said.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// When it begins or began, such as `2026-11-23T09:00:00.000Z`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// When it shall end, in the form of `startDate`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// When it was closed, in the form of `startDate`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub complete_date: Option<String>,
    /// The number of the board that it was made on.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub origin_board_id: Option<u64>,
    /// The sprint in the API; a deleted one has none.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Something happened to a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardPayload {
    /// Which event it is, and when. Who did it Jira does not tell.
    #[serde(flatten)]
    pub common: Common,
    /// The board as it is now; a deleted one as it was.
    pub board: Board,
}

/// A board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Board {
    /// Its number. Actions take it as `board_id`.
    pub id: u64,
    /// Its name.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `scrum`, `kanban` or `simple`.
    #[serde(rename = "type", default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The board in the API; a deleted one has none.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The columns, filter or estimate of a board were changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardConfigurationPayload {
    /// Which event it is, and when. Who did it Jira does not tell.
    #[serde(flatten)]
    pub common: Common,
    /// The configuration as it is now.
    pub configuration: BoardConfiguration,
}

/// How a board is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BoardConfiguration {
    /// The board.
    #[serde(flatten)]
    pub board: Board,
    /// Its columns, each with the statuses in it, as Jira sends them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_config: Option<Value>,
    /// The filter that finds its issues, as Jira sends it: `{"id": "10680"}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
}
