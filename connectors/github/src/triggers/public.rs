//! The event `public`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::RepositoryCommon;

/// A private repository was made public.
pub struct Public;

/// Which repository, and who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Public {
    const SPEC: TriggerSpec = TriggerSpec::new("public", "Repository made public")
        .summary("A private repository was made public.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#public")
        .events(&["public"]);
    type Payload = Payload;
}
