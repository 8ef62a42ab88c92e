//! The event `ping`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::Common;

/// A webhook was made; GitHub tries it out.
pub struct Ping;

/// Which webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// A sentence of GitHub's wisdom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zen: Option<String>,
    /// The webhook's numeric id.
    pub hook_id: u64,
    /// The webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook: Option<Hook>,
    /// Where the webhook is: its repository or its organization, and who made it; neither for a webhook of a GitHub App.
    #[serde(flatten)]
    pub common: Common,
}

/// A webhook as GitHub describes it. Its configuration is left out: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// Whose it is: `Repository`, `Organization` or `App`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The events that it sends; `*` is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

impl WebhookTrigger for Ping {
    const SPEC: TriggerSpec = TriggerSpec::new("ping", "Ping")
        .summary("GitHub tries out a webhook that was just created.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#ping")
        .events(&["ping"]);
    type Payload = Payload;
}
