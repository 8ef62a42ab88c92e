//! Issues as actions give them: flat, texts as Markdown, declared custom fields under their names.

use std::collections::BTreeMap;

use connector_core::Cx;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Account, Change, Issue, Named, Project, Status, User, lenient};
use crate::{client, fields::Fields, text, transitions::Transition};

/// An issue as Jira sends it, with what may be asked for beside its fields.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RawIssue {
    #[serde(flatten)]
    pub(crate) issue: Issue,
    #[serde(default, deserialize_with = "lenient")]
    changelog: Option<RawChangelog>,
    #[serde(rename = "renderedFields", default, deserialize_with = "lenient")]
    rendered: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "names")]
    names: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) transitions: Option<Vec<Transition>>,
}

/// What people call fields, by id; what is no text is left out.
pub(crate) fn names<'de, D: Deserializer<'de>>(d: D) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    let map = match Value::deserialize(d)? {
        Value::Object(map) => map,
        _ => return Ok(None),
    };
    let text = |(id, name)| match name {
        Value::String(name) => Some((id, name)),
        _ => None,
    };
    Ok(Some(map.into_iter().filter_map(text).collect()))
}

#[derive(Debug, Clone, Deserialize)]
struct RawChangelog {
    histories: Vec<RawHistory>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawHistory {
    #[serde(default, deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    author: Option<User>,
    #[serde(default, deserialize_with = "lenient")]
    created: Option<String>,
    #[serde(default)]
    items: Vec<Change>,
}

#[derive(Deserialize)]
struct RawParent {
    #[serde(default)]
    id: Option<String>,
    key: String,
    #[serde(default, deserialize_with = "lenient")]
    fields: Option<super::Fields>,
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IssueOut {
    /// Its numeric id, as text. It stays when the issue moves to another project.
    pub id: String,
    /// Its key, such as `ENG-7`.
    pub key: String,
    /// Its page; not known when the connection goes through api.atlassian.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The text in Markdown; nothing when there is none or it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusOut>,
    /// The name of the issue type, such as `Bug`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_type: Option<String>,
    /// The name of the priority, such as `High`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// The name of the resolution; nothing while it is not resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Who it is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Account>,
    /// Who reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Account>,
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
    /// The epic of an issue, the issue of a sub-task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ParentOut>,
    /// When it was made, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The day it is due, such as `2026-12-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<String>,
    /// The custom fields that the connection declares, by their names and flat: `{"story_points": 5, "team": "Blue"}`;
    /// `null` for one without a value.
    #[serde(default)]
    pub custom: Map<String, Value>,
    /// Every other field that was asked for, by id and as Jira sends it; those without a value are left out.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// What changed, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changelog: Option<Vec<ChangesOut>>,
    /// Fields as HTML, by id, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendered_fields: Option<Map<String, Value>>,
    /// What people call the fields, by id, if it was asked for (a search tells it once, beside the issues).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<BTreeMap<String, String>>,
}

/// A status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusOut {
    /// Its id, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, in the site's language.
    pub name: String,
    /// What it comes down to, in every language: `new`, `indeterminate` (somebody works on it) or `done`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// The issue above another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParentOut {
    /// Its numeric id, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its key.
    pub key: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// What one person changed at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangesOut {
    /// Its id, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Account>,
    /// When, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// One entry a field.
    pub items: Vec<ChangeOut>,
}

/// The change of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeOut {
    /// The field's name, in the site's language for custom fields.
    pub field: String,
    /// The field's id, such as `customfield_10010`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_id: Option<String>,
    /// The value until then, as people see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value from then on, as people see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl From<Status> for StatusOut {
    fn from(s: Status) -> Self {
        Self { id: s.id, name: s.name, category: s.category.map(|c| c.key) }
    }
}

impl From<RawHistory> for ChangesOut {
    fn from(h: RawHistory) -> Self {
        let item = |c: Change| ChangeOut { field: c.field, field_id: c.field_id, from: c.from_string, to: c.to_string };
        Self {
            id: h.id,
            author: h.author.and_then(Account::of),
            created: h.created,
            items: h.items.into_iter().map(item).collect(),
        }
    }
}

impl IssueOut {
    /// What Jira sent, flat.
    pub(crate) fn of(cx: &Cx, declared: &Fields, raw: RawIssue) -> Self {
        Self {
            changelog: raw.changelog.map(|c| c.histories.into_iter().map(Into::into).collect()),
            rendered_fields: raw.rendered,
            names: raw.names,
            ..Self::flat(client::browse_url(cx, &raw.issue.key), declared, raw.issue)
        }
    }

    /// The issue with this page, flat.
    pub(crate) fn flat(url: Option<String>, declared: &Fields, issue: Issue) -> Self {
        let f = issue.fields;
        let mut other = f.other;
        let custom = declared.read(&mut other);
        let parent = other.remove("parent").and_then(|p| serde_json::from_value::<RawParent>(p).ok());
        let name = |n: Option<Named>| n.map(|n| n.name);
        Self {
            url,
            id: issue.id,
            key: issue.key,
            summary: f.summary,
            description: f.description.filter(|d| !d.is_null()).map(|d| text::read(&d)),
            status: f.status.map(Into::into),
            issue_type: name(f.issuetype),
            priority: name(f.priority),
            resolution: name(f.resolution),
            labels: f.labels.unwrap_or_default(),
            assignee: f.assignee.and_then(Account::of),
            reporter: f.reporter.and_then(Account::of),
            project: f.project,
            parent: parent.map(|p| ParentOut { id: p.id, key: p.key, summary: p.fields.and_then(|f| f.summary) }),
            created: f.created,
            updated: f.updated,
            due_date: f.duedate,
            custom,
            fields: other.into_iter().filter(|(_, v)| !v.is_null()).collect(),
            changelog: None,
            rendered_fields: None,
            names: None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use connector_testkit::canned::cx;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_issue_comes_flat() {
        let values = json!({"site": "https://example.atlassian.net"});
        let (cx, _) = cx(&crate::CONNECTOR, values, vec![]);
        let declared = Fields::check(Some(&json!({"team": {"id": "customfield_10001", "type": "option"}}))).unwrap();
        let raw: RawIssue = serde_json::from_value(json!({
            "id": "10002", "key": "ENG-7", "self": "https://example.atlassian.net/rest/api/3/issue/10002",
            "fields": {
                "summary": "Slow", "labels": ["login"], "issuetype": {"name": "Bug"}, "description": null, "updated": 1,
                "status": {"name": "To Do", "id": "1", "statusCategory": {"key": "new", "name": "To Do"}},
                "parent": {"id": "1", "key": "ENG-1", "fields": {"summary": "Epic"}},
                "assignee": {"accountId": "5b10a", "displayName": "Mia", "accountType": "atlassian"},
                "customfield_10001": {"value": "Blue", "id": "1"}, "customfield_10002": null, "votes": {"votes": 1},
            },
            "changelog": {"histories": [{"id": "1", "created": "2026-11-22T10:00:00.000+0000", "items": [
                {"field": "status", "fieldId": "status", "from": "1", "fromString": "To Do", "to": "3", "toString": "Done"},
            ]}]},
        }))
        .unwrap();
        assert_eq!(
            serde_json::to_value(IssueOut::of(&cx, &declared, raw)).unwrap(),
            json!({
                "id": "10002", "key": "ENG-7", "url": "https://example.atlassian.net/browse/ENG-7", "summary": "Slow",
                "status": {"id": "1", "name": "To Do", "category": "new"}, "issue_type": "Bug", "labels": ["login"],
                "assignee": {"id": "5b10a", "name": "Mia", "app": false},
                "parent": {"id": "1", "key": "ENG-1", "summary": "Epic"},
                "custom": {"team": "Blue"}, "fields": {"votes": {"votes": 1}},
                "changelog": [{"id": "1", "created": "2026-11-22T10:00:00.000+0000", "items": [
                    {"field": "status", "field_id": "status", "from": "To Do", "to": "Done"},
                ]}],
            })
        );
    }
}
