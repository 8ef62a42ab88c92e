//! `GET /search/users`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::{Order, SearchPage, User},
    search,
};

/// Searches users and organizations.
pub struct SearchUsers;

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// How many followers it has.
    Followers,
    /// How many repositories it has.
    Repositories,
    /// When it joined GitHub.
    Joined,
}

/// What to look for, and which page of it. GitHub gives the first 1000 results at most. 30 searches a
/// minute. Only users whom everybody sees are found: no enterprise managed ones, for instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Words and GitHub's qualifiers: `tom repos:>42 type:user`. Words are looked for in logins, names and public
    /// e-mail addresses.
    #[schemars(length(min = 1))]
    pub q: String,
    /// What to sort by; GitHub's best match first unless told.
    #[serde(default)]
    pub sort: Option<Sort>,
    /// `desc` (most or newest first) or `asc`; `desc` unless told. It counts only together with `sort`.
    #[serde(default)]
    pub order: Option<Order>,
    /// Most results of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

impl Action for SearchUsers {
    const SPEC: ActionSpec = ActionSpec::new("search_users", "Search users")
        .summary("Searches users and organizations by words and qualifiers, page by page, the first 1000 at most.")
        .budgets(&["search"])
        .docs("https://docs.github.com/rest/search/search#search-users")
        .read()
        .paged(Paging { items: "/items", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"q": "tom repos:>42 followers:>1000", "sort": "followers"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"q": "tom", "sort": "stars"}"#,
            why: "Users are sorted by `followers`, `repositories` or `joined`.",
        }]);
    type Input = Input;
    type Output = SearchPage<User>;

    async fn run(cx: &Cx, input: Input) -> Result<SearchPage<User>> {
        let request = client::request(cx, Method::GET, "/search/users")?.endpoint("search/users");
        let request = client::query_of(request, &input, &[])?;
        search::send(cx, request).await
    }
}
