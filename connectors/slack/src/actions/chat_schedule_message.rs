//! `chat.scheduleMessage`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, content::Content, objects::Message};

/// Lets Slack post a message at a later time, at most 120 days ahead.
pub struct ChatScheduleMessage;

/// The message and when: one of `text`, `blocks`, `attachments`, `markdown_text` must be there. There is no `metadata`:
/// Slack takes it, and then never posts the message.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where it goes: the id of a channel (`C…`, `G…`), of a direct message (`D…`) or of a user (`U…`).
    #[schemars(length(min = 1, max = 80))]
    pub channel: String,
    /// When to post it: Unix time in seconds.
    #[schemars(range(min = 1))]
    pub post_at: i64,
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
    /// The `ts` of a thread's first message, to answer in that thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub thread_ts: Option<String>,
    /// Whether an answer in a thread is shown in the channel too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_broadcast: Option<bool>,
    /// Whether links to text show a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_links: Option<bool>,
    /// Whether links to images and videos show a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_media: Option<bool>,
}

/// What will be posted.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The channel's id.
    pub channel: String,
    /// The id to call it off by, such as `Q1298393284`.
    pub scheduled_message_id: String,
    /// When it will be posted: Unix time in seconds.
    #[serde(deserialize_with = "seconds")]
    pub post_at: i64,
    /// The message as Slack will post it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Slack documents a number and shows a text in its example.
fn seconds<'de, D: serde::Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    use serde::de::Error as _;
    match Value::deserialize(d)? {
        Value::Number(n) => n.as_i64().ok_or_else(|| D::Error::custom("not whole seconds")),
        Value::String(s) => s.parse().map_err(|_| D::Error::custom("not whole seconds")),
        _ => Err(D::Error::custom("not whole seconds")),
    }
}

impl Action for ChatScheduleMessage {
    const SPEC: ActionSpec = ActionSpec::new("chat_schedule_message", "Schedule a message")
        .summary("Lets Slack post a message at a later time, at most 120 days ahead.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/chat.scheduleMessage")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["chat:write"])
        .defaults(&[("channel", "default_channel")])
        .examples(&[r#"{"channel": "C024BE91L", "post_at": 1795341600, "text": "Stand-up in five minutes"}"#])
        .anti_examples(&[
            AntiExample {
                input: r#"{"channel": "C024BE91L", "post_at": "tomorrow", "text": "Hi"}"#,
                why: "post_at is Unix time in seconds",
            },
            AntiExample {
                input: r#"{"channel": "C024BE91L", "post_at": 1795341600, "text": "Hi", "metadata": {}}"#,
                why: "Slack never posts a scheduled message that has metadata",
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
        client::call(cx, client::post(cx, "chat.scheduleMessage", &input)?).await
    }
}
