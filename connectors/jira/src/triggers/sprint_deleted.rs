//! The event `sprint_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::SprintPayload;

/// A sprint was deleted.
pub struct SprintDeleted;

impl WebhookTrigger for SprintDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("sprint_deleted", "Sprint deleted")
        .summary("A sprint was deleted.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["sprint_deleted"]);
    type Payload = SprintPayload;
}
