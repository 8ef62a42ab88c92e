//! The event `code_scanning_alert`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::{self, RepositoryCommon};

/// Something happened to an alert of code scanning.
pub struct CodeScanningAlert;

/// What happened to which alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `appeared_in_branch`, `fixed`, `closed_by_user`, `reopened`, `reopened_by_user`,
    /// `updated_assignment`.
    pub action: String,
    /// The alert as it is now.
    pub alert: events::CodeScanningAlert,
    /// The full ref that was scanned, such as `refs/heads/main`; empty for what a person did.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// The commit that was scanned; empty for what a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_oid: Option<String>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for CodeScanningAlert {
    const SPEC: TriggerSpec = TriggerSpec::new("code_scanning_alert", "Code scanning alert changed")
        .summary("An alert of code scanning was created, fixed, dismissed, opened again or found in another branch.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#code_scanning_alert")
        .events(&["code_scanning_alert.*"]);
    type Payload = Payload;
}
