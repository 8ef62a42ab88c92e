//! The event `sprint_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::SprintPayload;

/// A sprint was created.
pub struct SprintCreated;

impl WebhookTrigger for SprintCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("sprint_created", "Sprint created")
        .summary("A sprint was created.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["sprint_created"]);
    type Payload = SprintPayload;
}
