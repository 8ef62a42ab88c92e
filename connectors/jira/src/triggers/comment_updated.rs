//! The event `comment_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::CommentPayload;

/// A comment was changed.
pub struct CommentUpdated;

impl WebhookTrigger for CommentUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("comment_updated", "Comment updated")
        .summary("A comment was changed.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["comment_updated"])
        .scopes(&["read:jira-work"]);
    type Payload = CommentPayload;
}
