//! Discussions and their comments, as payloads carry them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Label, User};

/// A discussion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Discussion {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Its number in the repository, shared with issues and pull requests.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// `open`, `closed`, `locked`, `converting` or `transferring`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why it is in that state: `resolved`, `outdated`, `duplicate`, `reopened`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Whether it is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Why it is locked: `resolved`, `off-topic`, `too heated`, `spam`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_lock_reason: Option<String>,
    /// The page of the comment that is its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_html_url: Option<String>,
    /// When the answer was chosen, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_chosen_at: Option<String>,
    /// Who chose the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_chosen_by: Option<User>,
    /// Who started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// What its author is to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_association: Option<String>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// How many comments it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<u64>,
    /// Its page.
    pub html_url: String,
    /// When it was started, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A category of discussions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Category {
    /// Its numeric id.
    pub id: u64,
    /// Its name, such as `Q&A`.
    pub name: String,
    /// Its name in addresses, such as `q-a`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its emoji, such as `:pray:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a comment can be chosen as the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_answerable: Option<bool>,
}

/// A comment on a discussion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiscussionComment {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The comment that it answers; none for one on the discussion itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<u64>,
    /// The discussion's numeric id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discussion_id: Option<u64>,
    /// How many answers it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_comment_count: Option<u64>,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// What its author is to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_association: Option<String>,
    /// Its page.
    pub html_url: String,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
