//! Shapes of webhook payloads. They are apart from the shapes of REST answers: texts are wiki markup (also in Jira Cloud),
//! ids are numbers in some, and what was deleted comes without its address.
//!
//! What must not live here: names and words of the events ([`crate::triggers`]), how payloads are read ([`crate::webhook`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Issue, User};

mod agile;
mod issues;
mod projects;

pub use agile::{Board, BoardConfiguration, BoardConfigurationPayload, BoardPayload, Sprint, SprintPayload};
pub use issues::{
    Attachment, AttachmentPayload, Comment, CommentPayload, IssueLink, IssueLinkPayload, IssueLinkType, Visibility,
    Worklog, WorklogPayload,
};
pub use projects::{Project, ProjectCategory, ProjectPayload, UserPayload, Version, VersionPayload};

/// What all payloads have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Common {
    /// When it happened, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// The event as Jira names it, such as `jira:issue_created` or `comment_created`.
    #[serde(rename = "webhookEvent")]
    pub webhook_event: String,
}

/// An issue that was created or deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IssuePayload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// The issue; a deleted one as it was.
    pub issue: Issue,
    /// Who did it; not there for some of Jira's own doings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}
