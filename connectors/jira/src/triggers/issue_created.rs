//! The event `jira:issue_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::IssuePayload;

/// An issue was created.
pub struct IssueCreated;

impl WebhookTrigger for IssueCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("issue_created", "Issue created")
        .summary("An issue was created.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["issue_created"])
        .scopes(&["read:jira-work"]);
    type Payload = IssuePayload;
}
