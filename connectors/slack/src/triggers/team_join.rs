//! The event `team_join`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{events::EventCallback, objects::User};

/// Somebody new joined the workspace.
pub struct TeamJoin;

/// The new member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// When it happened, as a `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WebhookTrigger for TeamJoin {
    const SPEC: TriggerSpec = TriggerSpec::new("team_join", "New member")
        .summary("Somebody new joined the workspace.")
        .docs("https://docs.slack.dev/reference/events/team_join")
        .events(&["team_join"])
        .scopes(&["users:read"]);
    type Payload = EventCallback<Event>;
}
