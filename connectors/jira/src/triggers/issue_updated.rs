//! The event `jira:issue_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Changelog, Issue, User, events::Common};

/// An issue was changed.
pub struct IssueUpdated;

/// The issue as it is now, and what changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// Which event it is, and when.
    #[serde(flatten)]
    pub common: Common,
    /// What kind of change it was: `issue_generic` (also a transition), `issue_assigned`, `issue_commented`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_event_type_name: Option<String>,
    /// The issue as it is now.
    pub issue: Issue,
    /// What changed. Not there when no field did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changelog: Option<Changelog>,
    /// Who changed it; not there for some of Jira's own doings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

impl WebhookTrigger for IssueUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("issue_updated", "Issue updated")
        .summary("A field of an issue was changed, or the issue was moved through its workflow.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["issue_updated"])
        .scopes(&["read:jira-work"]);
    type Payload = Payload;
}
