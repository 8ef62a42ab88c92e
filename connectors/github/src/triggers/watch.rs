//! The event `watch`. In spite of its name it tells of stars, not of subscriptions; `star` is the newer form.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::RepositoryCommon;

/// A repository was starred.
pub struct Watch;

/// What happened; who did it is the `sender`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `started`.
    pub action: String,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Watch {
    const SPEC: TriggerSpec = TriggerSpec::new("watch", "Repository starred")
        .summary("Somebody starred a repository; GitHub calls this event `watch` for historical reasons.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#watch")
        .events(&["watch.*"]);
    type Payload = Payload;
}
