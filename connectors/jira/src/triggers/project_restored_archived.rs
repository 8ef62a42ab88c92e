//! The event `project_restored_archived`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// A project was taken back from the archive.
pub struct ProjectRestoredArchived;

impl WebhookTrigger for ProjectRestoredArchived {
    const SPEC: TriggerSpec = TriggerSpec::new("project_restored_archived", "Project restored from archive")
        .summary("A project was taken back from the archive.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_restored_archived"]);
    type Payload = ProjectPayload;
}
