//! The event `project_soft_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// A project was moved to the trash.
pub struct ProjectSoftDeleted;

impl WebhookTrigger for ProjectSoftDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("project_soft_deleted", "Project moved to trash")
        .summary("A project was moved to the trash.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_soft_deleted"]);
    type Payload = ProjectPayload;
}
