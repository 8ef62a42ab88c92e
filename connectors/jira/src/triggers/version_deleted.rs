//! The event `jira:version_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::VersionPayload;

/// A version was deleted, or merged into another.
pub struct VersionDeleted;

impl WebhookTrigger for VersionDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("version_deleted", "Version deleted")
        .summary("A version was deleted, or merged into another.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["version_deleted"]);
    type Payload = VersionPayload;
}
