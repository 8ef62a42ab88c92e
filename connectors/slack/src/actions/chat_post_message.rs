//! `chat.postMessage`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, content::Content, objects::Message};

/// Posts a message to a channel, a thread or a direct message.
pub struct ChatPostMessage;

/// The message: one of `text`, `blocks`, `attachments`, `markdown_text` must be there.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where it goes: the id of a channel (`C…`, `G…`), of a direct message (`D…`) or of a user (`U…`).
    #[schemars(length(min = 1, max = 80))]
    pub channel: String,
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
    /// Data that other apps can read: `event_type` and `event_payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Whether links to text show a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_links: Option<bool>,
    /// Whether links to images and videos show a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_media: Option<bool>,
    /// The name to post under instead of the bot's; needs the scope `chat:write.customize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 80))]
    pub username: Option<String>,
    /// The emoji to post under, such as `:robot_face:`; needs the scope `chat:write.customize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub icon_emoji: Option<String>,
    /// The address of an image to post under; needs the scope `chat:write.customize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(url)]
    pub icon_url: Option<String>,
}

/// Where the message is.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The id of the channel that it went to; for a user, that of the direct message.
    pub channel: String,
    /// The id of the message in that channel; chat_update, chat_delete and reactions take it.
    pub ts: String,
    /// The message as Slack keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ChatPostMessage {
    const SPEC: ActionSpec = ActionSpec::new("chat_post_message", "Post a message")
        .summary("Posts a message to a channel, a thread or a direct message.")
        .budgets(&["messages", "posting"])
        .docs("https://docs.slack.dev/reference/methods/chat.postMessage")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["chat:write"])
        .defaults(&[("channel", "default_channel")])
        .examples(&[
            r#"{"channel": "C024BE91L", "text": "Deploy of *api* finished"}"#,
            r#"{"channel": "C024BE91L", "text": "Build 7 failed", "thread_ts": "1503435956.000247"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"channel": "C024BE91L", "text": "Hi", "thread_ts": 1503435956.000247}"#,
                why: "ts is a text; as a number it loses digits",
            },
            AntiExample {
                input: r#"{"text": "Hi"}"#,
                why: "a message needs a channel (unless the connection has a default one)",
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
        client::call(cx, client::post(cx, "chat.postMessage", &input)?).await
    }
}
