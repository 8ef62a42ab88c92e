//! The event `jira:issue_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::IssuePayload;

/// An issue was deleted, with all that was at it.
pub struct IssueDeleted;

impl WebhookTrigger for IssueDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("issue_deleted", "Issue deleted")
        .summary("An issue was deleted, with all that was at it.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["issue_deleted"])
        .scopes(&["read:jira-work"]);
    type Payload = IssuePayload;
}
