//! `chat.delete`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client;

/// Deletes a message that the bot posted.
pub struct ChatDelete;

/// Which message.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// The id of the message in its channel, such as `1503435956.000247`: a text as Slack gave it, never a number.
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub ts: String,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The channel's id.
    pub channel: String,
    /// The id of the message that is gone.
    pub ts: String,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ChatDelete {
    const SPEC: ActionSpec = ActionSpec::new("chat_delete", "Delete a message")
        .summary("Deletes a message that the bot posted.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/chat.delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["chat:write"])
        .examples(&[r#"{"channel": "C024BE91L", "ts": "1503435956.000247"}"#])
        .anti_examples(&[
            AntiExample { input: r#"{"channel": "C024BE91L"}"#, why: "ts says which message" },
            AntiExample {
                input: r#"{"channel": "C024BE91L", "ts": 1503435956.000247}"#,
                why: "ts is a text; as a number it loses digits",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::call(cx, client::post(cx, "chat.delete", &input)?).await
    }
}
