//! The event `project_restored_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// A project was taken back from the trash.
pub struct ProjectRestoredDeleted;

impl WebhookTrigger for ProjectRestoredDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("project_restored_deleted", "Project restored from trash")
        .summary("A project was taken back from the trash.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_restored_deleted"]);
    type Payload = ProjectPayload;
}
