//! The event `jira:version_unreleased`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::VersionPayload;

/// The release of a version was taken back.
pub struct VersionUnreleased;

impl WebhookTrigger for VersionUnreleased {
    const SPEC: TriggerSpec = TriggerSpec::new("version_unreleased", "Version unreleased")
        .summary("The release of a version was taken back.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["version_unreleased"]);
    type Payload = VersionPayload;
}
