//! The family `Chat`: any chat service, resting on `chat_post_message` and `chat_update`.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    CapabilityDef, CapabilityImpl, CapabilityKind, CapabilitySpec, Cx, Result,
    capability::{Chat, ChatMessage, PostedMessage},
};
use serde_json::json;

use crate::actions::{ChatPostMessage, ChatUpdate, chat_post_message, chat_update};

/// The capability.
pub(crate) const CAPABILITY: CapabilityDef = CapabilityDef::new(
    CapabilitySpec { kind: CapabilityKind::Chat, actions: &["chat_post_message", "chat_update"] },
    || CapabilityImpl::Chat(Arc::new(Slack)),
);

struct Slack;

#[async_trait]
impl Chat for Slack {
    async fn post(&self, cx: &Cx, message: ChatMessage) -> Result<PostedMessage> {
        let cx = cx.counted_by(json!({"channel": message.channel}));
        let input = chat_post_message::Input {
            channel: message.channel,
            text: Some(message.text),
            thread_ts: message.thread,
            ..Default::default()
        };
        let posted = cx.call::<ChatPostMessage>(input).await?;
        Ok(PostedMessage { channel: posted.channel, id: posted.ts })
    }

    async fn edit(&self, cx: &Cx, message: &PostedMessage, text: &str) -> Result<()> {
        let input = chat_update::Input {
            channel: message.channel.clone(),
            ts: message.id.clone(),
            text: Some(text.to_owned()),
            ..Default::default()
        };
        cx.call::<ChatUpdate>(input).await.map(drop)
    }

    fn escape(&self, text: &str) -> String {
        escape(text)
    }

    fn link(&self, url: &str, text: &str) -> String {
        // A bar would end the address, a line break the whole link.
        let url = escape(url).replace('|', "%7C").replace(['\n', '\r', ' '], "%20");
        let text = escape(text).replace(['\n', '\r'], " ");
        if text.is_empty() { format!("<{url}>") } else { format!("<{url}|{text}>") }
    }
}

/// The three characters that Slack's markup gives a meaning to:
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_makes_no_markup() {
        assert_eq!(Slack.escape("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        assert_eq!(Slack.link("https://x.example/?a=1&b=2", "A > B"), "<https://x.example/?a=1&amp;b=2|A &gt; B>");
        assert_eq!(Slack.link("https://x.example/a|b>c", ""), "<https://x.example/a%7Cb&gt;c>");
    }
}
