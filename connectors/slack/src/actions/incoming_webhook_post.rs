//! An incoming webhook: a message to the one channel that a secret URL stands for.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, Error, FieldError, Idempotency, Method, Request, Result,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    client,
    content::Content,
    params::{INCOMING_WEBHOOK_KIND, INCOMING_WEBHOOK_URL, LEGACY},
};

/// Posts a message through the connection's incoming webhook.
pub struct IncomingWebhookPost;

/// The message: one of `text`, `blocks`, `attachments` must be there.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The text in Slack's markup; with blocks it is what notifications show. Escape `&`, `<`, `>` in text from outside.
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
    /// The `ts` of a thread's first message, to answer in that thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub thread_ts: Option<String>,
    /// Whether links to text show a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_links: Option<bool>,
    /// Whether links to images and videos show a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfurl_media: Option<bool>,
    /// Another channel (`#name`, `@name` or id) than the webhook's own: only for a webhook of the legacy integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 80))]
    pub channel: Option<String>,
    /// Another name to post under: only for a webhook of the legacy integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 80))]
    pub username: Option<String>,
    /// Another emoji to post under, such as `:robot_face:`: only for a webhook of the legacy integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub icon_emoji: Option<String>,
}

/// What came of it. Slack tells no id: the message can be neither edited nor answered by it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// Always true: the message was posted.
    pub posted: bool,
}

impl Input {
    /// The fields that only the legacy integration obeys; an app's webhook ignores them without a word.
    fn check_overrides(&self) -> Result<()> {
        let given = [("channel", &self.channel), ("username", &self.username), ("icon_emoji", &self.icon_emoji)];
        let errors: Vec<FieldError> = given
            .into_iter()
            .filter(|(_, v)| v.is_some())
            .map(|(field, _)| {
                FieldError::new(
                    format!("/{field}"),
                    "an app's webhook always posts to its own channel under its own name: leave this out, use chat_post_message, or set the connection's incoming_webhook_kind to legacy if its URL is of the legacy integration",
                )
            })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(Error::invalid_input(errors)) }
    }
}

impl Action for IncomingWebhookPost {
    const SPEC: ActionSpec = ActionSpec::new("incoming_webhook_post", "Post by incoming webhook")
        .summary("Posts a message through the connection's incoming webhook; needs no token.")
        .budgets(&["incoming_webhook"])
        .docs("https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["incoming-webhook"])
        .examples(&[
            r#"{"text": "Deploy finished"}"#,
            r#"{"text": "Build failed", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Build failed*"}}]}"#,
        ])
        .anti_examples(&[
            AntiExample { input: r#"{"text": 7}"#, why: "text is text" },
            AntiExample { input: r#"{"message": "Hi"}"#, why: "the field is called text" },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        Content {
            text: input.text.as_deref(),
            blocks: input.blocks.as_deref(),
            attachments: input.attachments.as_deref(),
            markdown_text: None,
        }
        .check()?;
        if cx.param_opt(INCOMING_WEBHOOK_KIND) != Some(LEGACY) {
            input.check_overrides()?;
        }
        let body = serde_json::to_value(&input).map_err(|e| Error::internal(format!("an input is no JSON: {e}")))?;
        let request =
            Request::to_secret_url(Method::POST, INCOMING_WEBHOOK_URL).endpoint("incoming_webhook").json(body);
        let response = cx.send(request).await?;
        if response.status.as_u16() == 200 && response.text_excerpt(64).trim() == "ok" {
            return Ok(Output { posted: true });
        }
        Err(client::incoming_webhook_error(cx, &response))
    }
}
