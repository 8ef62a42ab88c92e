//! The event `board_configuration_changed`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::BoardConfigurationPayload;

/// The columns, the filter or the estimate of a board was changed.
pub struct BoardConfigurationChanged;

impl WebhookTrigger for BoardConfigurationChanged {
    const SPEC: TriggerSpec = TriggerSpec::new("board_configuration_changed", "Board configuration changed")
        .summary("The columns, the filter or the estimate of a board was changed.")
        .docs("https://developer.atlassian.com/cloud/jira/software/webhooks/")
        .events(&["board_configuration_changed"]);
    type Payload = BoardConfigurationPayload;
}
