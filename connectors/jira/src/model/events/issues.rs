//! What happens at issues: comments, worklogs, files, links.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Issue, User, lenient, text_or_number},
    Common,
};

/// Something happened to a comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommentPayload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// The comment; a deleted one as it was.
    pub comment: Comment,
    /// Its issue with a few of its fields. Not there at a Data Center: there only the address of the comment tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Issue>,
    /// Who did it, at a Data Center. In Jira Cloud the comment tells who wrote and who changed it, and nothing who deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// Its numeric id, as text.
    pub id: String,
    /// The comment in the API: `https://example.atlassian.net/rest/api/2/issue/10002/comment/10000`, with its issue's id.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The text, as wiki markup. `get_comment` gives it as Markdown.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Who wrote it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub author: Option<User>,
    /// Who changed it last.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub update_author: Option<User>,
    /// When it was made, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, in the form of `created`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Who alone may read it; nothing when everybody may who sees the issue.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Whether customers of a service project see it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub jsd_public: Option<bool>,
}

/// Whom something is shown to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Visibility {
    /// `group` or `role`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name of the group or role.
    pub value: String,
}

/// Something happened to a worklog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorklogPayload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// The worklog; a deleted one as it was.
    pub worklog: Worklog,
}

/// Work that was logged at an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Worklog {
    /// Its id, as text.
    pub id: String,
    /// The worklog in the API.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The numeric id of its issue, as text: all that is told of the issue. Actions take it as `issue_key`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<String>,
    /// Who did the work.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub author: Option<User>,
    /// Who changed it last.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub update_author: Option<User>,
    /// What was done, as wiki markup; empty if nobody said.
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
    /// Who alone may see it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// A file was attached or taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttachmentPayload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// The file, without its content.
    pub attachment: Attachment,
    /// Its issue; most sites do not tell it. The event `issue_updated` of the same moment does, with the file in its changelog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Issue>,
}

/// Two issues were linked, or are no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueLinkPayload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// The link.
    #[serde(rename = "issueLink")]
    pub issue_link: IssueLink,
}

/// A link between two issues: a sentence such as "20192 blocks 20734".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueLink {
    /// Its numeric id.
    pub id: u64,
    /// The numeric id of the issue that the sentence begins with. Actions take it as `issue_key`.
    pub source_issue_id: u64,
    /// The numeric id of the issue that the sentence ends with.
    pub destination_issue_id: u64,
    /// What the link says.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub issue_link_type: Option<IssueLinkType>,
    /// Whether it is one of Jira's own: of a sub-task, or of an issue and its epic.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub system_link: Option<bool>,
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueLinkType {
    /// Its numeric id.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its name, such as `Blocks`.
    pub name: String,
    /// The words from the source to the destination, such as `blocks`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub outward_name: Option<String>,
    /// The words the other way, such as `is blocked by`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub inward_name: Option<String>,
}

/// A file at an issue, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its id, as text.
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The file's name.
    pub filename: String,
    /// Its size in bytes.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its media type, such as `image/png`, as Jira guessed it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// When it was added, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Who added it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub author: Option<User>,
    /// The address of its content; it needs the connection's credentials.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The address of a small picture of it, where there is one.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}
