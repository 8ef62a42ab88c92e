//! The event `issuelink_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::IssueLinkPayload;

/// Two issues were linked.
pub struct IssuelinkCreated;

impl WebhookTrigger for IssuelinkCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("issuelink_created", "Issue link created")
        .summary("Two issues were linked.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["issuelink_created"]);
    type Payload = IssueLinkPayload;
}
