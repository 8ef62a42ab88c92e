//! The event `secret_scanning_alert`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    User,
    events::{self, RepositoryCommon},
};

/// Something happened to an alert of secret scanning.
pub struct SecretScanningAlert;

/// What happened to which alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `publicly_leaked`, `validated`, `resolved`, `reopened`, `assigned`, `unassigned`, …
    pub action: String,
    /// The alert as it is now.
    pub alert: events::SecretScanningAlert,
    /// Who was assigned or unassigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<User>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for SecretScanningAlert {
    const SPEC: TriggerSpec = TriggerSpec::new("secret_scanning_alert", "Secret scanning alert changed")
        .summary(
            "A secret was found in a repository, or its alert was resolved, validated, assigned or otherwise changed.",
        )
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#secret_scanning_alert")
        .events(&["secret_scanning_alert.*"]);
    type Payload = Payload;
}
