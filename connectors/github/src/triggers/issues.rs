//! The event `issues`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Changes, Installation, Issue, Label, Milestone, Organization, Repository, User};

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
    /// Where it happened.
    pub repository: Repository,
    /// The repository's organization, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The app's installation, if the delivery came by a GitHub App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Installation>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<User>,
}

impl WebhookTrigger for Issues {
    const SPEC: TriggerSpec = TriggerSpec::new("issues", "Issue changed")
        .summary("An issue was opened, edited, closed, assigned, labeled, transferred or otherwise changed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#issues")
        .events(&["issues.*"]);
    type Payload = Payload;
}
