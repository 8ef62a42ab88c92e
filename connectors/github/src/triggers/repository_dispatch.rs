//! The event `repository_dispatch`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::events::RepositoryCommon;

/// A program sent an event of its own.
pub struct RepositoryDispatch;

/// Which event; its type is whatever its sender chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// The event's type, as its sender called it (`event_type`).
    pub action: String,
    /// The repository's default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// What its sender gave with it: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_payload: Option<Value>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for RepositoryDispatch {
    const SPEC: TriggerSpec = TriggerSpec::new("repository_dispatch", "Repository dispatch")
        .summary("A program sent an event of its own to a repository.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#repository_dispatch")
        .events(&["repository_dispatch.*"]);
    type Payload = Payload;
}
