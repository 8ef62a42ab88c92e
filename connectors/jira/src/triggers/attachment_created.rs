//! The event `attachment_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::AttachmentPayload;

/// A file was attached to an issue.
pub struct AttachmentCreated;

impl WebhookTrigger for AttachmentCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("attachment_created", "Attachment created")
        .summary("A file was attached to an issue.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["attachment_created"]);
    type Payload = AttachmentPayload;
}
