//! The event `jira:version_moved`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::VersionPayload;

/// A version got another place in the order of its project.
pub struct VersionMoved;

impl WebhookTrigger for VersionMoved {
    const SPEC: TriggerSpec = TriggerSpec::new("version_moved", "Version moved")
        .summary("A version got another place in the order of its project.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["version_moved"]);
    type Payload = VersionPayload;
}
