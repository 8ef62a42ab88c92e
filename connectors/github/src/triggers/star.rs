//! The event `star`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::RepositoryCommon;

/// A repository got a star or lost one.
pub struct Star;

/// What happened; who did it is the `sender`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `deleted`.
    pub action: String,
    /// When the star was given, ISO 8601; none for `deleted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starred_at: Option<String>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Star {
    const SPEC: TriggerSpec = TriggerSpec::new("star", "Star given or taken back")
        .summary("A repository got a star, or somebody took their star back.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#star")
        .events(&["star.*"]);
    type Payload = Payload;
}
