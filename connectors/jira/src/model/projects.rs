//! Projects and their types of issues, as Jira sends them and as actions give them.

use connector_core::Cx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Account, Named, User, Version, lenient};
use crate::client;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectOut {
    /// Its id, as text. It stays when the key changes.
    pub id: String,
    /// Its key, such as `ENG`: the beginning of its issues' keys.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its page; not known when the connection goes through api.atlassian.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is for: `software`, `business`, `service_desk`, …
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name of the category that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Account>,
    /// Whether it is archived, where Jira says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// A project with what its issues can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectDetails {
    /// The project.
    #[serde(flatten)]
    pub project: ProjectOut,
    /// The types that its issues can have.
    #[serde(default)]
    pub issue_types: Vec<IssueType>,
    /// Its components.
    #[serde(default)]
    pub components: Vec<Component>,
    /// Its versions.
    #[serde(default)]
    pub versions: Vec<Version>,
}

/// A type of issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueType {
    /// Its id, as text.
    pub id: String,
    /// Its name, such as `Bug`, in the site's language.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether its issues stand below another issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtask: Option<bool>,
    /// Where it stands, in Jira Cloud: -1 for sub-tasks, 0 for what is usual, 1 for epics, more for what is above them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy_level: Option<i32>,
}

/// A part of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Its id, as text.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name: what an issue's `components` take.
    pub name: String,
    /// What it is.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A project as Jira sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawProject {
    id: String,
    pub(crate) key: String,
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) project_type_key: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    project_category: Option<Named>,
    #[serde(default, deserialize_with = "lenient")]
    lead: Option<User>,
    #[serde(default, deserialize_with = "lenient")]
    archived: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    issue_types: Option<Vec<RawIssueType>>,
    #[serde(default, deserialize_with = "lenient")]
    components: Option<Vec<Component>>,
    #[serde(default, deserialize_with = "lenient")]
    versions: Option<Vec<Version>>,
}

/// A type of issues as Jira sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawIssueType {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    subtask: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    hierarchy_level: Option<i32>,
}

impl From<RawIssueType> for IssueType {
    fn from(raw: RawIssueType) -> Self {
        Self {
            id: raw.id,
            name: raw.name,
            description: said(raw.description),
            subtask: raw.subtask,
            hierarchy_level: raw.hierarchy_level,
        }
    }
}

/// Jira writes what nobody filled in as an empty text.
fn said(text: Option<String>) -> Option<String> {
    text.filter(|t| !t.trim().is_empty())
}

impl ProjectOut {
    /// What Jira sent, flat.
    pub(crate) fn of(cx: &Cx, raw: RawProject) -> Self {
        ProjectDetails::of(cx, raw).project
    }
}

impl ProjectDetails {
    /// What Jira sent, flat.
    pub(crate) fn of(cx: &Cx, raw: RawProject) -> Self {
        Self {
            project: ProjectOut {
                url: client::project_url(cx, &raw.key),
                id: raw.id,
                key: raw.key,
                name: raw.name,
                description: said(raw.description),
                kind: raw.project_type_key,
                category: raw.project_category.map(|c| c.name),
                lead: raw.lead.and_then(Account::of),
                archived: raw.archived,
            },
            issue_types: raw.issue_types.unwrap_or_default().into_iter().map(Into::into).collect(),
            components: raw.components.unwrap_or_default(),
            versions: raw.versions.unwrap_or_default(),
        }
    }
}
