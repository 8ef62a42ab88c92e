//! The event `project_archived`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// A project was archived.
pub struct ProjectArchived;

impl WebhookTrigger for ProjectArchived {
    const SPEC: TriggerSpec = TriggerSpec::new("project_archived", "Project archived")
        .summary("A project was archived.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_archived"]);
    type Payload = ProjectPayload;
}
