//! The event `sprint_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::SprintPayload;

/// A sprint was changed; also when it is started.
pub struct SprintUpdated;

impl WebhookTrigger for SprintUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("sprint_updated", "Sprint updated")
        .summary("A sprint was changed; also when it is started.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["sprint_updated"]);
    type Payload = SprintPayload;
}
