//! Any chat service.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::{BoxedCall, Operation, call, input};
use crate::{
    cx::Cx,
    error::Result,
    spec::{Effect, Idempotency},
};

/// A message to a channel of a chat service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChatMessage {
    /// The channel's id at the service.
    pub channel: String,
    /// The text, in the service's own markup; callers escape what comes from outside with [`Chat::escape`].
    pub text: String,
    /// The message that this one answers, if it belongs to a thread.
    #[serde(default)]
    pub thread: Option<String>,
}

/// A message that a chat service took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PostedMessage {
    /// The channel's id at the service.
    pub channel: String,
    /// The message's id in that channel.
    pub id: String,
}

/// Any chat service. All of them share the event logic; a new one is a message builder.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Posts a message.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn post(&self, cx: &Cx, message: ChatMessage) -> Result<PostedMessage>;
    /// Replaces the text of a message.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn edit(&self, cx: &Cx, message: &PostedMessage, text: &str) -> Result<()>;
    /// Makes text from outside harmless in the service's markup.
    fn escape(&self, text: &str) -> String;
    /// A link in the service's markup.
    fn link(&self, url: &str, text: &str) -> String;
}

/// What [`Chat::edit`] takes, as an operation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// The channel's id at the service.
    channel: String,
    /// The message's id in that channel.
    id: String,
    /// The new text, in the service's own markup.
    text: String,
}

/// The operations of a chat service.
pub(super) const OPERATIONS: &[Operation<dyn Chat>] = &[
    Operation::new::<ChatMessage, PostedMessage>(
        "post",
        "Post a message",
        "Posts a message to a channel of the chat service.",
        (Effect::Write, Idempotency::None),
        |chat, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(chat.post(cx, input(v)?).await) }) },
    ),
    Operation::new::<Edit, ()>(
        "edit",
        "Edit a message",
        "Replaces the text of a message that was posted before.",
        (Effect::Write, Idempotency::Natural),
        |chat, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let Edit { channel, id, text } = input(v)?;
                call(chat.edit(cx, &PostedMessage { channel, id }, &text).await)
            })
        },
    ),
];
