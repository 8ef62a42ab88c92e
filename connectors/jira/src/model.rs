//! Shapes that payloads share. Tolerant: what people use is named, everything else is kept beside it; a field of another
//! form than Jira documents is taken as not there. What must not live here: anything that calls.

mod agile;
mod attachment;
mod comments;
pub mod events;
mod field;
mod hook;
mod issues;
mod link;
mod people;
mod projects;
mod version;
mod worklog;

pub use agile::{Board, Sprint, SprintState};
pub(crate) use agile::{RawBoard, RawSprint};
pub use attachment::Attachment;
pub use field::{AllowedValue, CreateField, Field};
pub(crate) use field::{RawCreateField, RawField};
pub use hook::{AdminWebhook, Webhook};
pub(crate) use hook::{ISSUE_FILTER, ReceivedAdminWebhook};
pub use link::LinkType;
pub use version::Version;
pub(crate) use worklog::Received as ReceivedWorklog;
pub use worklog::{Worklog, WorklogVisibility};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) use comments::RawComment;
pub use comments::{CommentOut, Restriction, RestrictionType};
pub use issues::{ChangeOut, ChangesOut, IssueOut, ParentOut, StatusOut};
pub(crate) use issues::{RawIssue, names};
pub use people::{Account, Person};
pub(crate) use people::{RawPerson, account};
pub use projects::{Component, IssueType, ProjectDetails, ProjectOut};
pub(crate) use projects::{RawIssueType, RawProject};

/// A field whose form is not as documented must not cost the whole payload: fields of an issue are configurable.
pub(crate) fn lenient<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(d)?).ok())
}

/// A text that some of Jira's answers write as a number: ids of attachments, times of webhooks.
pub(crate) fn text_or_number<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// Its numeric id, as text.
    pub id: String,
    /// Its key, such as `ENG-7`. It changes when the issue moves to another project.
    pub key: String,
    /// The issue in the API; its host tells the site.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its fields.
    #[serde(default)]
    pub fields: Fields,
}

/// An issue's fields. Which there are depends on the project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    /// The title.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The text: wiki markup as a string, or a document of the Atlassian Document Format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Value>,
    /// The project.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
    /// The issue type, such as `Bug`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub issuetype: Option<Named>,
    /// The status, such as `In Progress`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The priority, such as `High`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub priority: Option<Named>,
    /// How it was resolved; nothing while it is not.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Named>,
    /// Its labels.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Who it is assigned to.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub assignee: Option<User>,
    /// Who reported it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub reporter: Option<User>,
    /// Who made it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub creator: Option<User>,
    /// When it was made, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, in the same form.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The day it is due, such as `2026-12-01`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub duedate: Option<String>,
    /// Every other field, `customfield_*` among them, as Jira sends it.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Its id, as text.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, in the site's language.
    pub name: String,
}

/// A status of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Its id, as text.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, in the site's language.
    pub name: String,
    /// What it comes down to.
    #[serde(rename = "statusCategory", default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub category: Option<StatusCategory>,
}

/// What a status comes down to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusCategory {
    /// `new`, `indeterminate` (somebody works on it) or `done`, in every language.
    pub key: String,
    /// Its name, in the site's language.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its id, as text.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its key, such as `ENG`.
    pub key: String,
    /// Its name.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its id in all of Atlassian; a Data Center has none.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Data Center: the user name.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Data Center: the key, which stays when the name changes.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The name people see.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The e-mail address, if its owner shows it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// `atlassian`, `app` or `customer`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub account_type: Option<String>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changelog {
    /// One entry a field.
    #[serde(default)]
    pub items: Vec<Change>,
}

/// The change of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The field's name, in the site's language for custom fields.
    pub field: String,
    /// The field's id, such as `customfield_10010`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub field_id: Option<String>,
    /// The id of the value until then, where values have ids.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value until then, as people see it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub from_string: Option<String>,
    /// The id of the value now, where values have ids.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The value now, as people see it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub to_string: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_of_another_form_costs_nothing_but_itself() {
        let issue: Issue = serde_json::from_value(json!({
            "id": "1", "key": "ENG-1",
            "fields": {"summary": 7, "priority": "Minor", "labels": null, "status": {}, "customfield_10010": [1]},
        }))
        .unwrap();
        let f = issue.fields;
        assert_eq!((f.summary, f.priority, f.labels, f.status), (None, None, None, None));
        assert_eq!(f.other.get("customfield_10010"), Some(&json!([1])));
    }
}
