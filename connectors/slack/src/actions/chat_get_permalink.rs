//! `chat.getPermalink`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client;

/// Gives the address by which people open a message.
pub struct ChatGetPermalink;

/// Which message.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// The id of the message in its channel, such as `1503435956.000247`: a text as Slack gave it, never a number.
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub message_ts: String,
}

/// Its address.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The channel's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The address.
    pub permalink: String,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ChatGetPermalink {
    const SPEC: ActionSpec = ActionSpec::new("chat_get_permalink", "Get a message's link")
        .summary("Gives the address by which people open a message.")
        .budgets(&["special"])
        .docs("https://docs.slack.dev/reference/methods/chat.getPermalink")
        .read()
        .examples(&[r#"{"channel": "C123ABC456", "message_ts": "1358546515.000008"}"#])
        .anti_examples(&[AntiExample {
            input: r##"{"channel": "#general", "message_ts": "1358546515.000008"}"##,
            why: "channel is an id, not a name",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::get(cx, "chat.getPermalink")?
            .query("channel", &input.channel)
            .query("message_ts", &input.message_ts);
        client::call(cx, request).await
    }
}
