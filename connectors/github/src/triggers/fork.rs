//! The event `fork`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Repository, events::RepositoryCommon};

/// A repository was forked.
pub struct Fork;

/// Which repository was made; from which is `repository`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// The fork.
    pub forkee: Repository,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Fork {
    const SPEC: TriggerSpec = TriggerSpec::new("fork", "Repository forked")
        .summary("Somebody forked a repository.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#fork")
        .events(&["fork"]);
    type Payload = Payload;
}
