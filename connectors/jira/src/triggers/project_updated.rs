//! The event `project_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::ProjectPayload;

/// The settings of a project were changed.
pub struct ProjectUpdated;

impl WebhookTrigger for ProjectUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("project_updated", "Project updated")
        .summary("The settings of a project were changed.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["project_updated"]);
    type Payload = ProjectPayload;
}
