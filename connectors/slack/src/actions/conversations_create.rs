//! `conversations.create`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Conversation};

/// Creates a public or private channel.
pub struct ConversationsCreate;

/// The channel to be.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name: lower-case letters, digits, `-` and `_`.
    #[schemars(length(min = 1, max = 80))]
    pub name: String,
    /// Whether only members see it; needs `groups:write` instead of `channels:manage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    /// The workspace; only for a token of an org-wide installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[TE][A-Z0-9]{2,}$"))]
    pub team_id: Option<String>,
}

/// The channel.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The new channel.
    pub channel: Conversation,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ConversationsCreate {
    const SPEC: ActionSpec = ActionSpec::new("conversations_create", "Create a channel")
        .summary("Creates a public or private channel.")
        .budgets(&["tier2"])
        .docs("https://docs.slack.dev/reference/methods/conversations.create")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["channels:manage"])
        .examples(&[r#"{"name": "incident-42"}"#, r#"{"name": "incident-43", "is_private": true}"#])
        .anti_examples(&[
            AntiExample { input: r#"{"name": ""}"#, why: "a channel has a name" },
            AntiExample { input: r#"{"name": "x", "private": true}"#, why: "the field is called is_private" },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::call(cx, client::post(cx, "conversations.create", &input)?).await
    }
}
