//! The event `project_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// A project was deleted for good.
pub struct ProjectDeleted;

impl WebhookTrigger for ProjectDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("project_deleted", "Project deleted")
        .summary("A project was deleted for good.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_deleted"]);
    type Payload = ProjectPayload;
}
