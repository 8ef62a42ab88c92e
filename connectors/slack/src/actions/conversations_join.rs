//! `conversations.join`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Conversation};

/// Makes the bot a member of a public channel; it may be one already.
pub struct ConversationsJoin;

/// Which channel. The bot must be invited to private ones instead.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
}

/// The channel.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The channel.
    pub channel: Conversation,
    /// `already_in_channel` if the bot was a member before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ConversationsJoin {
    const SPEC: ActionSpec = ActionSpec::new("conversations_join", "Join a channel")
        .summary("Makes the bot a member of a public channel; it may be one already.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/conversations.join")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["channels:join"])
        .examples(&[r#"{"channel": "C061EG9SL"}"#])
        .anti_examples(&[AntiExample { input: r##"{"channel": "#general"}"##, why: "channel is an id, not a name" }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::call(cx, client::post(cx, "conversations.join", &input)?).await
    }
}
