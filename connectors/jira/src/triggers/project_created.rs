//! The event `project_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// A project was created.
pub struct ProjectCreated;

impl WebhookTrigger for ProjectCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("project_created", "Project created")
        .summary("A project was created.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_created"]);
    type Payload = ProjectPayload;
}
