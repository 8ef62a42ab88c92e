//! `conversations.replies`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Message};

/// Gives a message and the answers in its thread, oldest first, page by page.
pub struct ConversationsReplies;

/// Which thread, which time, which page.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the channel or direct message: `C…`, `G…` or `D…`, not a name.
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel: String,
    /// The `ts` of the thread's first message, or of any message in it.
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub ts: String,
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
    /// Most items of this page, 1 to 1000; Slack may give fewer before the end. Apps that are sold outside the
    /// Slack Marketplace get 15, once a minute.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<u32>,
    /// Where to go on: `next_cursor` of the page before. Left out: from the beginning.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub cursor: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The messages of this page; the first page begins with the message that began the thread.
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

impl Action for ConversationsReplies {
    const SPEC: ActionSpec = ActionSpec::new("conversations_replies", "Read a thread")
        .summary("Gives a message and the answers in its thread, oldest first, page by page.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/conversations.replies")
        .read()
        .scopes(&["channels:history"])
        .paged(Paging { items: "/messages", next_output: "/next_cursor", next_input: "/cursor" })
        .examples(&[r#"{"channel": "C123ABC456", "ts": "1482960137.003543"}"#])
        .anti_examples(&[
            AntiExample { input: r#"{"channel": "C123ABC456"}"#, why: "ts says which thread" },
            AntiExample {
                input: r#"{"channel": "C123ABC456", "ts": 1482960137.003543}"#,
                why: "ts is a text; as a number it loses digits",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::get(cx, "conversations.replies")?
            .query("channel", &input.channel)
            .query("ts", &input.ts)
            .query_opt("oldest", input.oldest)
            .query_opt("latest", input.latest)
            .query_opt("inclusive", input.inclusive)
            .query_opt("include_all_metadata", input.include_all_metadata)
            .query_opt("limit", input.limit)
            .query_opt("cursor", input.cursor);
        client::page(cx, request).await
    }
}
