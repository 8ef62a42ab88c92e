//! The event `member_joined_channel`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::events::EventCallback;

/// A user joined a channel that the bot is in.
pub struct MemberJoinedChannel;

/// Who joined what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Who joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// `C` for a public channel, `G` for a private one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_type: Option<String>,
    /// The workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Who invited the user, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviter: Option<String>,
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for MemberJoinedChannel {
    const SPEC: TriggerSpec = TriggerSpec::new("member_joined_channel", "Member joined channel")
        .summary("A user joined a channel that the bot is in.")
        .docs("https://docs.slack.dev/reference/events/member_joined_channel")
        .events(&["member_joined_channel"])
        .scopes(&["channels:read"]);
    type Payload = EventCallback<Event>;
}
