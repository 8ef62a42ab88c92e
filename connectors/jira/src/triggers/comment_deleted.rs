//! The event `comment_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::CommentPayload;

/// A comment was deleted.
pub struct CommentDeleted;

impl WebhookTrigger for CommentDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("comment_deleted", "Comment deleted")
        .summary("A comment was deleted.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["comment_deleted"])
        .scopes(&["read:jira-work"]);
    type Payload = CommentPayload;
}
