//! The event `reaction_removed`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::events::{EventCallback, ReactionEvent};

/// Somebody took an emoji reaction away.
pub struct ReactionRemoved;

impl WebhookTrigger for ReactionRemoved {
    const SPEC: TriggerSpec = TriggerSpec::new("reaction_removed", "Reaction removed")
        .summary("Somebody took an emoji reaction away.")
        .docs("https://docs.slack.dev/reference/events/reaction_removed")
        .events(&["reaction_removed"])
        .scopes(&["reactions:read"]);
    type Payload = EventCallback<ReactionEvent>;
}
