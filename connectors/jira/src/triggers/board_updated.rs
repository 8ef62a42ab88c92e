//! The event `board_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::BoardPayload;

/// A board was renamed.
pub struct BoardUpdated;

impl WebhookTrigger for BoardUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("board_updated", "Board updated")
        .summary("A board was renamed.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["board_updated"]);
    type Payload = BoardPayload;
}
