//! The event `link_shared`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::EventCallback;

/// Somebody wrote a link to one of the app's domains.
pub struct LinkShared;

/// Where the links stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The channel; `COMPOSER` while the message is being written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The id of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ts: Option<String>,
    /// The `ts` of the thread's first message, if it belongs to a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<String>,
    /// What a preview is given by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_id: Option<String>,
    /// `composer` or `conversations_history`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<Link>>,
    /// Whether the bot is in the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_bot_user_member: Option<bool>,
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A link in a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The domain as the app registered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for LinkShared {
    const SPEC: TriggerSpec = TriggerSpec::new("link_shared", "Link shared")
        .summary("Somebody wrote a link to one of the app's domains.")
        .docs("https://docs.slack.dev/reference/events/link_shared")
        .events(&["link_shared"])
        .scopes(&["links:read"]);
    type Payload = EventCallback<Event>;
}
