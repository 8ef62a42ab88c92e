//! The event `app_uninstalled`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::EventCallback;

/// The app was removed from the workspace; the connection's token is dead.
pub struct AppUninstalled;

/// Nothing but that it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for AppUninstalled {
    const SPEC: TriggerSpec = TriggerSpec::new("app_uninstalled", "App uninstalled")
        .summary("The app was removed from the workspace; the connection's token is dead.")
        .docs("https://docs.slack.dev/reference/events/app_uninstalled")
        .events(&["app_uninstalled"]);
    type Payload = EventCallback<Event>;
}
