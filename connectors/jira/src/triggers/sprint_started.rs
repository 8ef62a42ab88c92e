//! The event `sprint_started`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::SprintPayload;

/// A sprint was started.
pub struct SprintStarted;

impl WebhookTrigger for SprintStarted {
    const SPEC: TriggerSpec = TriggerSpec::new("sprint_started", "Sprint started")
        .summary("A sprint was started.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["sprint_started"]);
    type Payload = SprintPayload;
}
