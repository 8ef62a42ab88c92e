//! The event `attachment_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::AttachmentPayload;

/// A file of an issue was deleted.
pub struct AttachmentDeleted;

impl WebhookTrigger for AttachmentDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("attachment_deleted", "Attachment deleted")
        .summary("A file of an issue was deleted.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["attachment_deleted"]);
    type Payload = AttachmentPayload;
}
