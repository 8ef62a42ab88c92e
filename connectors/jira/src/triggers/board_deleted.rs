//! The event `board_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::BoardPayload;

/// A board was deleted.
pub struct BoardDeleted;

impl WebhookTrigger for BoardDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("board_deleted", "Board deleted")
        .summary("A board was deleted.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["board_deleted"]);
    type Payload = BoardPayload;
}
