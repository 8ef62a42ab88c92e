//! `users.list`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::User};

/// Lists all users of the workspace, bots and deactivated ones included, page by page.
pub struct UsersList;

/// Which page.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Whether the users' languages are given.
    #[serde(default)]
    pub include_locale: Option<bool>,
    /// The workspace; only for a token of an org-wide installation.
    #[serde(default)]
    #[schemars(regex(pattern = "^[TE][A-Z0-9]{2,}$"))]
    pub team_id: Option<String>,
    /// Most items of this page, 1 to 1000; Slack may give fewer before the end. Give one: without it Slack tries to
    /// give all at once; 200 is a good number.
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
    /// The users of this page.
    pub members: Vec<User>,
    /// The mark of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for UsersList {
    const SPEC: ActionSpec = ActionSpec::new("users_list", "List users")
        .summary("Lists all users of the workspace, bots and deactivated ones included, page by page.")
        .budgets(&["tier2"])
        .docs("https://docs.slack.dev/reference/methods/users.list")
        .read()
        .scopes(&["users:read"])
        .paged(Paging { items: "/members", next_output: "/next_cursor", next_input: "/cursor" })
        .examples(&[r#"{"limit": 200}"#, r#"{"cursor": "dXNlcjpVMEc5V0ZYTlo="}"#])
        .anti_examples(&[AntiExample { input: r#"{"limit": 0}"#, why: "a page has at least one item" }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::get(cx, "users.list")?
            .query_opt("include_locale", input.include_locale)
            .query_opt("team_id", input.team_id)
            // Without a limit Slack tries to give everybody at once and fails in large workspaces.
            .query("limit", &input.limit.unwrap_or(200).to_string())
            .query_opt("cursor", input.cursor);
        client::page(cx, request).await
    }
}
