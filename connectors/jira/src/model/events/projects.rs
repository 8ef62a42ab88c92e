//! What happens to projects, their versions, and people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{User, lenient},
    Common,
};

/// Something happened to a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectPayload {
    /// Which event it is, and when. Who did it Jira does not tell.
    #[serde(flatten)]
    pub common: Common,
    /// The project; a deleted one as it was.
    pub project: Project,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its numeric id.
    pub id: u64,
    /// Its key, such as `ENG`.
    pub key: String,
    /// Its name.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The project in the API.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who leads it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub project_lead: Option<User>,
    /// The category that it stands in.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub project_category: Option<ProjectCategory>,
    /// Who new issues are assigned to, such as `admin.assignee.type.unassigned`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub assignee_type: Option<String>,
}

/// A category of projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectCategory {
    /// Its name.
    pub name: String,
    /// What it is for; empty if nobody said.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Something happened to a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionPayload {
    /// Which event it is, and when. Who did it Jira does not tell.
    #[serde(flatten)]
    pub common: Common,
    /// The version; a deleted one as it was.
    pub version: Version,
    /// The version that it was merged into, if that is why it was deleted.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub merged_to: Option<Version>,
}

/// Something happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserPayload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// The account, as it is now.
    pub user: User,
}

/// A version of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
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
