//! The event `comment_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::CommentPayload;

/// A comment was written.
pub struct CommentCreated;

impl WebhookTrigger for CommentCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("comment_created", "Comment created")
        .summary("A comment was written.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["comment_created"])
        .scopes(&["read:jira-work"]);
    type Payload = CommentPayload;
}
