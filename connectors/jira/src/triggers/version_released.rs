//! The event `jira:version_released`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::VersionPayload;

/// A version of a project was released.
pub struct VersionReleased;

impl WebhookTrigger for VersionReleased {
    const SPEC: TriggerSpec = TriggerSpec::new("version_released", "Version released")
        .summary("A version of a project was released.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["version_released"]);
    type Payload = VersionPayload;
}
