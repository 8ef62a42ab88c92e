//! The event `security_advisory`. It concerns no repository; whether one is affected is `dependabot_alert`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::{Advisory, Common};

/// Something happened to an advisory of GitHub's database.
pub struct SecurityAdvisory;

/// What happened to which advisory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `published`, `updated`, `withdrawn`.
    pub action: String,
    /// The advisory as it is now.
    pub security_advisory: Advisory,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: Common,
}

impl WebhookTrigger for SecurityAdvisory {
    const SPEC: TriggerSpec = TriggerSpec::new("security_advisory", "Security advisory changed")
        .summary("An advisory of GitHub's database was published, updated or withdrawn.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#security_advisory")
        .events(&["security_advisory.*"]);
    type Payload = Payload;
}
