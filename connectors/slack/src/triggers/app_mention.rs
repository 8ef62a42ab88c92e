//! The event `app_mention`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::EventCallback;

/// Somebody mentioned the bot in a channel.
pub struct AppMention;

/// A message that mentions the bot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The author's user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The author's bot id, if a bot posted it. Drop your own to avoid loops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<String>,
    /// The text in Slack's markup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The id of the message in the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<String>,
    /// The `ts` of the thread's first message, if it belongs to a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<String>,
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for AppMention {
    const SPEC: TriggerSpec = TriggerSpec::new("app_mention", "App mention")
        .summary("Somebody mentioned the bot in a channel.")
        .docs("https://docs.slack.dev/reference/events/app_mention")
        .events(&["app_mention"])
        .scopes(&["app_mentions:read"]);
    type Payload = EventCallback<Event>;
}
