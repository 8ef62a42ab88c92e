//! The event `app_home_opened`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::EventCallback;

/// Somebody opened the bot's own page or its direct message.
pub struct AppHomeOpened;

/// Who opened what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Who opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The direct message with the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// `home`, `messages` or `about`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
    /// The home tab as it was published last, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<Map<String, Value>>,
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for AppHomeOpened {
    const SPEC: TriggerSpec = TriggerSpec::new("app_home_opened", "App home opened")
        .summary("Somebody opened the bot's own page or its direct message.")
        .docs("https://docs.slack.dev/reference/events/app_home_opened")
        .events(&["app_home_opened"]);
    type Payload = EventCallback<Event>;
}
