//! The event `jira:version_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::VersionPayload;

/// A version of a project was changed.
pub struct VersionUpdated;

impl WebhookTrigger for VersionUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("version_updated", "Version updated")
        .summary("A version of a project was changed.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["version_updated"]);
    type Payload = VersionPayload;
}
