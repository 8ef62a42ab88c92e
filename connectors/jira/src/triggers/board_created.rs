//! The event `board_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::BoardPayload;

/// A board was created.
pub struct BoardCreated;

impl WebhookTrigger for BoardCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("board_created", "Board created")
        .summary("A board was created.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["board_created"]);
    type Payload = BoardPayload;
}
