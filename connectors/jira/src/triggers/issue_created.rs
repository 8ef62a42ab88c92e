//! The event `jira:issue_created`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Issue, User};

/// An issue was created.
pub struct IssueCreated;

/// The new issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// When it happened, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// The event as Jira names it: `jira:issue_created`.
    #[serde(rename = "webhookEvent")]
    pub webhook_event: String,
    /// The issue.
    pub issue: Issue,
    /// Who created it; not there for some of Jira's own doings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

impl WebhookTrigger for IssueCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("issue_created", "Issue created")
        .summary("An issue was created.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["issue_created"])
        .scopes(&["read:jira-work"]);
    type Payload = Payload;
}
