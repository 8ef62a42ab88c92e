//! The event `message` with all its subtypes.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{events::EventCallback, objects};

/// A message was posted, changed or deleted where the bot is a member.
pub struct Message;

/// A message.
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
    /// `channel`, `group`, `im` or `mpim`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_type: Option<String>,
    /// What kind of message, such as `bot_message`, `message_changed`, `message_deleted`; absent for an ordinary
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// The id of the message in the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<String>,
    /// The `ts` of the thread's first message, if it belongs to a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<String>,
    /// The message after a change (`message_changed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<objects::Message>,
    /// The message before a change or removal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_message: Option<objects::Message>,
    /// Whether it is not shown in the channel, as changes and removals are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for Message {
    const SPEC: TriggerSpec = TriggerSpec::new("message", "Message")
        .summary("A message was posted, changed or deleted where the bot is a member.")
        .docs("https://docs.slack.dev/reference/events/message")
        .events(&["message.*"])
        .scopes(&["channels:history"]);
    type Payload = EventCallback<Event>;
}
