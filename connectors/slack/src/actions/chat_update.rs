//! `chat.update`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, content::Content, objects::Message};

/// Replaces the content of a message that the bot posted.
pub struct ChatUpdate;

/// The message and what it is to say: one of `text` (at most 4,000 characters here), `blocks`, `attachments`, `markdown_text` must be there.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// The id of the message in its channel, such as `1503435956.000247`: a text as Slack gave it, never a number.
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub ts: String,
    /// The text in Slack's markup (`*bold*`, `<https://example.com|a link>`); with blocks it is what notifications
    /// show. Escape `&`, `<`, `>` in text from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40000))]
    pub text: Option<String>,
    /// Block Kit blocks: <https://docs.slack.dev/reference/block-kit/blocks>.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50))]
    pub blocks: Option<Vec<Map<String, Value>>>,
    /// Legacy attachments; blocks are better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub attachments: Option<Vec<Map<String, Value>>>,
    /// The text in ordinary Markdown. Goes neither with `text` nor with `blocks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12000))]
    pub markdown_text: Option<String>,
    /// Data that other apps can read: `event_type` and `event_payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Whether an answer in a thread is shown in the channel too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_broadcast: Option<bool>,
}

/// The message after the change.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The channel's id.
    pub channel: String,
    /// The message's id; it stays the same.
    pub ts: String,
    /// The text as Slack keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The message as Slack keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ChatUpdate {
    const SPEC: ActionSpec = ActionSpec::new("chat_update", "Edit a message")
        .summary("Replaces the content of a message that the bot posted.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/chat.update")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["chat:write"])
        .examples(&[r#"{"channel": "C024BE91L", "ts": "1503435956.000247", "text": "Deploy finished in 4 min"}"#])
        .anti_examples(&[
            AntiExample {
                input: r##"{"channel": "#general", "ts": "1503435956.000247", "text": "Hi"}"##,
                why: "channel is an id, not a name",
            },
            AntiExample {
                input: r#"{"channel": "C024BE91L", "ts": 1503435956.000247, "text": "Hi"}"#,
                why: "ts is a text; as a number it loses digits",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        Content {
            text: input.text.as_deref(),
            blocks: input.blocks.as_deref(),
            attachments: input.attachments.as_deref(),
            markdown_text: input.markdown_text.as_deref(),
        }
        .check()?;
        client::call(cx, client::post(cx, "chat.update", &input)?).await
    }
}
