//! The event `discussion_comment`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::{self, BodyChanges, Discussion, RepositoryCommon};

/// Something happened to a comment on a discussion.
pub struct DiscussionComment;

/// What happened to which comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `edited`, `deleted`.
    pub action: String,
    /// The comment.
    pub comment: events::DiscussionComment,
    /// The discussion.
    pub discussion: Discussion,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<BodyChanges>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for DiscussionComment {
    const SPEC: TriggerSpec = TriggerSpec::new("discussion_comment", "Discussion comment changed")
        .summary("A comment on a discussion was created, edited or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#discussion_comment")
        .events(&["discussion_comment.*"]);
    type Payload = Payload;
}
