//! The event `reaction_added`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::events::{EventCallback, ReactionEvent};

/// Somebody added an emoji reaction.
pub struct ReactionAdded;

impl WebhookTrigger for ReactionAdded {
    const SPEC: TriggerSpec = TriggerSpec::new("reaction_added", "Reaction added")
        .summary("Somebody added an emoji reaction.")
        .docs("https://docs.slack.dev/reference/events/reaction_added")
        .events(&["reaction_added"])
        .scopes(&["reactions:read"]);
    type Payload = EventCallback<ReactionEvent>;
}
