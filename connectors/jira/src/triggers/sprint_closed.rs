//! The event `sprint_closed`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::SprintPayload;

/// A sprint was closed.
pub struct SprintClosed;

impl WebhookTrigger for SprintClosed {
    const SPEC: TriggerSpec = TriggerSpec::new("sprint_closed", "Sprint closed")
        .summary("A sprint was closed.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["sprint_closed"]);
    type Payload = SprintPayload;
}
