//! Work that was logged at an issue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Account, account, lenient};
use crate::text;

/// Work that was logged at an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Read as Jira writes it, given as all outputs are written.
#[serde(rename_all(deserialize = "camelCase"))]
pub struct Worklog {
    /// Its id, as text.
    pub id: String,
    /// The numeric id of the issue, as text.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<String>,
    /// Who did the work.
    #[serde(default, deserialize_with = "account", skip_serializing_if = "Option::is_none")]
    pub author: Option<Account>,
    /// Who changed it last.
    #[serde(default, deserialize_with = "account", skip_serializing_if = "Option::is_none")]
    pub update_author: Option<Account>,
    /// What was done, as Markdown.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When the work began, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it took, as people see it, such as `3h 20m`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub time_spent: Option<String>,
    /// How long it took, in seconds.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub time_spent_seconds: Option<u64>,
    /// When it was logged, in the form of `started`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, in the form of `started`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Who may see it; everybody who sees the issue if there is nothing.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub visibility: Option<WorklogVisibility>,
}

/// Whom something is shown to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorklogVisibility {
    /// `group` or `role`.
    #[serde(rename = "type", default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name of the group or role.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The id of the group, or the name of the role.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// A worklog as Jira sends it: its comment is a document or wiki markup.
#[derive(Deserialize)]
pub(crate) struct Received {
    #[serde(default)]
    comment: Value,
    #[serde(flatten)]
    rest: Worklog,
}

impl From<Received> for Worklog {
    fn from(received: Received) -> Self {
        let comment = Some(text::read(&received.comment)).filter(|t| !text::is_blank(t));
        Self { comment, ..received.rest }
    }
}
