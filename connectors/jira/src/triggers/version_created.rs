//! The event `jira:version_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::VersionPayload;

/// A version of a project was created.
pub struct VersionCreated;

impl WebhookTrigger for VersionCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("version_created", "Version created")
        .summary("A version of a project was created.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["version_created"]);
    type Payload = VersionPayload;
}
