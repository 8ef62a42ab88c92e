//! `conversations.history`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Message};

/// Gives the messages of a channel, newest first, page by page; answers in threads are not among them.
pub struct ConversationsHistory;

/// Which channel, which time, which page. Private channels need `groups:history`, direct messages `im:history` and `mpim:history`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// Only messages after this `ts` (or Unix time in seconds, as text).
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]+(\\.[0-9]+)?$"))]
    pub oldest: Option<String>,
    /// Only messages before this `ts` (or Unix time in seconds, as text).
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]+(\\.[0-9]+)?$"))]
    pub latest: Option<String>,
    /// Whether messages exactly at `oldest` and `latest` belong to it.
    #[serde(default)]
    pub inclusive: Option<bool>,
    /// Whether the messages' metadata is given.
    #[serde(default)]
    pub include_all_metadata: Option<bool>,
    /// Most items of this page, 1 to 999; Slack may give fewer before the end. Apps that are sold outside the Slack
    /// Marketplace get 15, once a minute.
    #[serde(default)]
    #[schemars(range(min = 1, max = 999))]
    pub limit: Option<u32>,
    /// Where to go on: `next_cursor` of the page before. Left out: from the beginning.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub cursor: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The messages of this page, newest first.
    pub messages: Vec<Message>,
    /// Whether there is more than this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The mark of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ConversationsHistory {
    const SPEC: ActionSpec = ActionSpec::new("conversations_history", "Read a channel")
        .summary("Gives the messages of a channel, newest first, page by page; answers in threads are not among them.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/conversations.history")
        .read()
        .scopes(&["channels:history"])
        .paged(Paging { items: "/messages", next_output: "/next_cursor", next_input: "/cursor" })
        .examples(&[
            r#"{"channel": "C123ABC456", "limit": 50}"#,
            r#"{"channel": "C123ABC456", "oldest": "1512085950.000216", "inclusive": true}"#,
        ])
        .anti_examples(&[
            AntiExample { input: r##"{"channel": "#general"}"##, why: "channel is an id, not a name" },
            AntiExample {
                input: r#"{"channel": "C123ABC456", "oldest": 1512085950.000216}"#,
                why: "ts is a text; as a number it loses digits",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::get(cx, "conversations.history")?
            .query("channel", &input.channel)
            .query_opt("oldest", input.oldest)
            .query_opt("latest", input.latest)
            .query_opt("inclusive", input.inclusive)
            .query_opt("include_all_metadata", input.include_all_metadata)
            .query_opt("limit", input.limit)
            .query_opt("cursor", input.cursor);
        client::page(cx, request).await
    }
}
