//! `conversations.open`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Conversation};

/// Opens a direct message with one or several users, or gives the one that is there.
pub struct ConversationsOpen;

/// With whom: one of `users`, `channel` must be there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ids of the other people: one for a direct message, up to eight for one of several (which needs
    /// `mpim:write`).
    #[serde(default)]
    #[schemars(length(min = 1, max = 8), inner(regex(pattern = "^[UW][A-Z0-9]{2,}$")))]
    pub users: Option<Vec<String>>,
    /// The id of a direct message that was closed; instead of `users`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: Option<String>,
    /// Whether all of the conversation is given, not its id alone.
    #[serde(default)]
    pub return_im: Option<bool>,
    /// Whether only to look if it is there.
    #[serde(default)]
    pub prevent_creation: Option<bool>,
}

/// The direct message.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The direct message; messages go to its id.
    pub channel: Conversation,
    /// Whether it was open already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub already_open: Option<bool>,
    /// Whether nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_op: Option<bool>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ConversationsOpen {
    const SPEC: ActionSpec = ActionSpec::new("conversations_open", "Open a direct message")
        .summary("Opens a direct message with one or several users, or gives the one that is there.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/conversations.open")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["im:write"])
        .examples(&[r#"{"users": ["W1234567890"]}"#, r#"{"users": ["W1234567890", "U2345678901"], "return_im": true}"#])
        .anti_examples(&[
            AntiExample { input: r#"{"users": "W1234567890"}"#, why: "users is a list, even for one" },
            AntiExample { input: r#"{"users": []}"#, why: "somebody must be in it" },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        match (&input.users, &input.channel) {
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) => return Err(Error::invalid_field("/users", "is required (or channel, to open one again)")),
            (Some(_), Some(_)) => {
                return Err(Error::invalid_field("/channel", "goes not with users; give one of them"));
            }
        }
        let fields = [
            // Slack takes the users as one text.
            ("users", input.users.map(|u| Value::from(u.join(",")))),
            ("channel", input.channel.map(Value::from)),
            ("return_im", input.return_im.map(Value::from)),
            ("prevent_creation", input.prevent_creation.map(Value::from)),
        ];
        let body: Map<String, Value> = fields.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect();
        client::call(cx, client::post(cx, "conversations.open", &body)?).await
    }
}
