//! The event `issues`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Changes, Issue, Label, Milestone, User, events::RepositoryCommon};

/// Something happened to an issue.
pub struct Issues;

/// What happened to which issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `opened`, `edited`, `closed`, `reopened`, `assigned`, `labeled`, `milestoned`, `transferred`, …
    pub action: String,
    /// The issue as it is now.
    pub issue: Issue,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Who was assigned or unassigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<User>,
    /// The label that was added or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// The milestone that was set or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Issues {
    const SPEC: TriggerSpec = TriggerSpec::new("issues", "Issue changed")
        .summary("An issue was opened, edited, closed, assigned, labeled, transferred or otherwise changed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#issues")
        .events(&["issues.*"]);
    type Payload = Payload;
}
