//! The event `dependabot_alert`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::{self, RepositoryCommon};

/// Something happened to an alert of Dependabot.
pub struct DependabotAlert;

/// What happened to which alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `fixed`, `dismissed`, `auto_dismissed`, `reopened`, `auto_reopened`, `reintroduced`,
    /// `assignees_changed`.
    pub action: String,
    /// The alert as it is now.
    pub alert: events::DependabotAlert,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for DependabotAlert {
    const SPEC: TriggerSpec = TriggerSpec::new("dependabot_alert", "Dependabot alert changed")
        .summary(
            "An alert about a vulnerable dependency was created, fixed, dismissed, opened again or otherwise changed.",
        )
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#dependabot_alert")
        .events(&["dependabot_alert.*"]);
    type Payload = Payload;
}
