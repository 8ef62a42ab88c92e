//! Comments: as Jira sends them, and as actions give them.

use connector_core::Cx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Account, User, lenient};
use crate::{client, text};

/// Who alone may read a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// Whether `value` names a role or a group.
    #[serde(rename = "type")]
    pub kind: RestrictionType,
    /// The name of the project role, such as `Administrators`, or of the group. The account must belong to it.
    #[schemars(length(min = 1, max = 255))]
    pub value: String,
}

/// What a comment is restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionType {
    /// The members of a project role.
    Role,
    /// The members of a group.
    Group,
}

/// A comment as Jira sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawComment {
    pub(crate) id: String,
    #[serde(default)]
    body: Value,
    #[serde(default, deserialize_with = "lenient")]
    author: Option<User>,
    #[serde(default, deserialize_with = "lenient")]
    update_author: Option<User>,
    #[serde(default, deserialize_with = "lenient")]
    created: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    updated: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    visibility: Option<RawRestriction>,
    #[serde(default, deserialize_with = "lenient")]
    jsd_public: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawRestriction {
    #[serde(rename = "type")]
    kind: RestrictionType,
    value: String,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommentOut {
    /// Its numeric id, as text.
    pub id: String,
    /// The issue's page at the comment; not known for an issue that was named by its id, nor when the connection goes
    /// through api.atlassian.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The text in Markdown.
    #[serde(default)]
    pub body: String,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Account>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_author: Option<Account>,
    /// When it was made, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Who alone may read it; nothing when everybody may who sees the issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Restriction>,
    /// Whether customers of a service project see it, where there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
}

impl CommentOut {
    /// A comment of the issue that the caller calls `issue_key`.
    pub(crate) fn of(cx: &Cx, issue_key: &str, raw: RawComment) -> Self {
        let page = client::browse_url(cx, issue_key);
        Self::at(page.as_deref(), raw)
    }

    /// A comment of the issue with this page.
    pub(crate) fn at(page: Option<&str>, raw: RawComment) -> Self {
        Self {
            url: page.map(|page| format!("{page}?focusedCommentId={}", raw.id)),
            id: raw.id,
            body: text::read(&raw.body),
            author: raw.author.and_then(Account::of),
            update_author: raw.update_author.and_then(Account::of),
            created: raw.created,
            updated: raw.updated,
            visibility: raw.visibility.map(|v| Restriction { kind: v.kind, value: v.value }),
            public: raw.jsd_public,
        }
    }
}
