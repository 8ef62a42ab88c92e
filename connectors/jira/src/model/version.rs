//! A version of a project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lenient;

/// A version of a project: what `fixVersions` and `versions` of its issues name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Read as Jira writes it, given as all outputs are written.
#[serde(rename_all(deserialize = "camelCase"))]
pub struct Version {
    /// Its id, as text.
    pub id: String,
    /// Its name, unique in its project.
    pub name: String,
    /// What it is about.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The id of its project.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub project_id: Option<u64>,
    /// Whether it is released.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub released: Option<bool>,
    /// Whether it is archived: it is kept, and cannot be chosen any more.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// The day the work on it begins, such as `2026-12-01`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// The day it is or was released, such as `2026-12-24`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub release_date: Option<String>,
    /// Whether that day is over and it is not released.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
}
