//! `GET /rest/api/3/user/search`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::Person,
    people::{self, Page},
};

/// Finds people.
pub struct SearchUsers;

/// Whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The beginning of a word of the name, or of the e-mail address; at a Data Center of the user name too.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub query: String,
    /// How many people to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most people of this page, 1 to 1000; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The people of this page.
    pub users: Vec<Person>,
    /// `start_at` of the next page, which may be empty; absent where there can be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
}

impl Action for SearchUsers {
    const SPEC: ActionSpec = ActionSpec::new("search_users", "Search users")
        .summary("Finds people of the site by the beginning of their name or e-mail address.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/#api-rest-api-3-user-search-get")
        .read()
        .scopes(&["read:jira-user"])
        .paged(Paging { items: "/users", next_output: "/next_start_at", next_input: "/start_at" })
        .examples(&[r#"{"query": "mia"}"#, r#"{"query": "mia@example.com", "max_results": 1}"#])
        .anti_examples(&[AntiExample { input: r#"{"query": ""}"#, why: "Without words nobody is searched for." }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::request(cx, Method::GET, "/user/search")?.endpoint("user.search");
        let page = Page { start_at: input.start_at, max_results: input.max_results };
        let (users, next_start_at) = people::find(cx, request, Some(input.query), page).await?;
        Ok(Output { users, next_start_at })
    }
}
