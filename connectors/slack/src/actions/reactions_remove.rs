//! `reactions.remove`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client;

/// Takes the bot's emoji reaction off a message.
pub struct ReactionsRemove;

/// Which message, which emoji.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// The `ts` of the message.
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub timestamp: String,
    /// The name of the emoji without colons, such as `thumbsup` or `thumbsup::skin-tone-3`.
    #[schemars(regex(pattern = "^[^:\\s]+(::skin-tone-[2-6])?$"))]
    pub name: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// Whether anything changed: false if the reaction was not there.
    pub changed: bool,
}

impl Action for ReactionsRemove {
    const SPEC: ActionSpec = ActionSpec::new("reactions_remove", "Remove a reaction")
        .summary("Takes the bot's emoji reaction off a message.")
        .budgets(&["tier2"])
        .docs("https://docs.slack.dev/reference/methods/reactions.remove")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["reactions:write"])
        .examples(&[r#"{"channel": "C024BE91L", "timestamp": "1503435956.000247", "name": "thumbsup"}"#])
        .anti_examples(&[
            AntiExample {
                input: r#"{"channel": "C024BE91L", "timestamp": "1503435956.000247", "name": ":thumbsup:"}"#,
                why: "the name stands without colons",
            },
            AntiExample {
                input: r#"{"channel": "C024BE91L", "timestamp": 1503435956.000247, "name": "eyes"}"#,
                why: "ts is a text; as a number it loses digits",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        match client::answer(cx, client::post(cx, "reactions.remove", &input)?).await {
            Ok(_) => Ok(Output { changed: true }),
            // What was asked for is so; a repeated call must not fail.
            Err(e) if e.code() == Some("no_reaction") => Ok(Output { changed: false }),
            Err(e) => Err(e),
        }
    }
}
