//! `conversations.invite`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Conversation};

/// Makes users members of a channel that the bot is in.
pub struct ConversationsInvite;

/// Whom, and where to. Private channels need `groups:write` instead of `channels:manage`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// The ids of the users, up to 100.
    #[schemars(length(min = 1, max = 100), inner(regex(pattern = "^[UW][A-Z0-9]{2,}$")))]
    pub users: Vec<String>,
    /// Whether to go on with the others where some cannot be invited.
    #[serde(default)]
    pub force: Option<bool>,
}

/// The channel.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The channel.
    pub channel: Conversation,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ConversationsInvite {
    const SPEC: ActionSpec = ActionSpec::new("conversations_invite", "Invite to a channel")
        .summary("Makes users members of a channel that the bot is in.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/conversations.invite")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["channels:manage"])
        .examples(&[r#"{"channel": "C012AB3CD", "users": ["W1234567890", "U2345678901"]}"#])
        .anti_examples(&[
            AntiExample { input: r#"{"channel": "C012AB3CD", "users": []}"#, why: "somebody must be invited" },
            AntiExample { input: r#"{"channel": "C012AB3CD", "users": ["@ada"]}"#, why: "users are ids, not names" },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let fields = [
            ("channel", Some(Value::from(input.channel))),
            // Slack takes the users as one text.
            ("users", Some(Value::from(input.users.join(",")))),
            ("force", input.force.map(Value::from)),
        ];
        let body: Map<String, Value> = fields.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect();
        client::call(cx, client::post(cx, "conversations.invite", &body)?).await
    }
}
