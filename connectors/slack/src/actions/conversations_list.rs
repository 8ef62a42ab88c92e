//! `conversations.list`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::Conversation};

/// Lists the channels and direct messages that the token can see, page by page.
pub struct ConversationsList;

/// A kind of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationType {
    /// A channel that everybody in the workspace may see.
    PublicChannel,
    /// A channel that only its members see.
    PrivateChannel,
    /// A direct message of several people.
    Mpim,
    /// A direct message of two.
    Im,
}

impl ConversationType {
    fn as_str(self) -> &'static str {
        match self {
            Self::PublicChannel => "public_channel",
            Self::PrivateChannel => "private_channel",
            Self::Mpim => "mpim",
            Self::Im => "im",
        }
    }
}

/// Which channels, and which page of them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Which kinds; public channels unless told. Private ones need `groups:read`, direct messages `im:read` and
    /// `mpim:read`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 4))]
    pub types: Option<Vec<ConversationType>>,
    /// Whether to leave archived channels out.
    #[serde(default)]
    pub exclude_archived: Option<bool>,
    /// The workspace; only for a token of an org-wide installation.
    #[serde(default)]
    #[schemars(regex(pattern = "^[TE][A-Z0-9]{2,}$"))]
    pub team_id: Option<String>,
    /// Most items of this page, 1 to 999; Slack may give fewer before the end.
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
    /// The channels of this page.
    pub channels: Vec<Conversation>,
    /// The mark of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for ConversationsList {
    const SPEC: ActionSpec = ActionSpec::new("conversations_list", "List channels")
        .summary("Lists the channels and direct messages that the token can see, page by page.")
        .budgets(&["tier2"])
        .docs("https://docs.slack.dev/reference/methods/conversations.list")
        .read()
        .scopes(&["channels:read"])
        .paged(Paging { items: "/channels", next_output: "/next_cursor", next_input: "/cursor" })
        .examples(&[
            r#"{"limit": 200, "exclude_archived": true}"#,
            r#"{"types": ["public_channel", "private_channel"]}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"types": ["channel"]}"#,
                why: "kinds are public_channel, private_channel, mpim and im",
            },
            AntiExample { input: r#"{"limit": 5000}"#, why: "a page has at most 999 items" },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let types = input.types.map(|t| t.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(","));
        let request = client::get(cx, "conversations.list")?
            .query_opt("types", types)
            .query_opt("exclude_archived", input.exclude_archived)
            .query_opt("team_id", input.team_id)
            .query_opt("limit", input.limit)
            .query_opt("cursor", input.cursor);
        client::page(cx, request).await
    }
}
