//! The event `issuelink_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::IssueLinkPayload;

/// A link between two issues was taken away.
pub struct IssuelinkDeleted;

impl WebhookTrigger for IssuelinkDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("issuelink_deleted", "Issue link deleted")
        .summary("A link between two issues was taken away.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["issuelink_deleted"]);
    type Payload = IssueLinkPayload;
}
