//! `chat.postEphemeral`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, content::Content};

/// Posts a message to a channel that only one member sees, until that member reloads.
pub struct ChatPostEphemeral;

/// The message and who sees it: one of `text`, `blocks`, `attachments`, `markdown_text` must be there.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where it goes: the id of a channel (`C…`, `G…`), of a direct message (`D…`) or of a user (`U…`).
    #[schemars(length(min = 1, max = 80))]
    pub channel: String,
    /// The id of the member who sees it.
    #[schemars(regex(pattern = "^[UW][A-Z0-9]{2,}$"))]
    pub user: String,
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

/// What Slack says of the message.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// An id of the message; it cannot be edited or deleted by it.
    pub message_ts: String,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ChatPostEphemeral {
    const SPEC: ActionSpec = ActionSpec::new("chat_post_ephemeral", "Post a message only one user sees")
        .summary("Posts a message to a channel that only one member sees, until that member reloads.")
        .budgets(&["tier4"])
        .docs("https://docs.slack.dev/reference/methods/chat.postEphemeral")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["chat:write"])
        .examples(&[r#"{"channel": "C024BE91L", "user": "U0BPQUNTA", "text": "Only you see this"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"channel": "C024BE91L", "user": "@ada", "text": "Hi"}"#,
            why: "user is an id, not a name",
        }]);
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
        client::call(cx, client::post(cx, "chat.postEphemeral", &input)?).await
    }
}
