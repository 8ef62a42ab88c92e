//! `GET /search/repositories`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::{Order, RepositoryDetails, SearchPage},
    search,
};

/// Searches repositories that the token sees.
pub struct SearchRepositories;

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// How many stars it has.
    Stars,
    /// How many forks it has.
    Forks,
    /// How many issues ask for help.
    #[serde(rename = "help-wanted-issues")]
    HelpWantedIssues,
    /// When it was last changed.
    Updated,
}

/// What to look for, and which page of it. GitHub gives the first 1000 results at most. 30 searches a minute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Words and GitHub's qualifiers: `tetris language:assembly archived:false`.
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

impl Action for SearchRepositories {
    const SPEC: ActionSpec = ActionSpec::new("search_repositories", "Search repositories")
        .summary("Searches repositories by words and qualifiers, page by page, the first 1000 at most.")
        .budgets(&["search"])
        .docs("https://docs.github.com/rest/search/search#search-repositories")
        .read()
        .scopes(&["repo"])
        .paged(Paging { items: "/items", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"q": "tetris language:assembly", "sort": "stars", "order": "desc"}"#])
        .anti_examples(&[AntiExample { input: r#"{"q": ""}"#, why: "GitHub refuses an empty search." }]);
    type Input = Input;
    type Output = SearchPage<RepositoryDetails>;

    async fn run(cx: &Cx, input: Input) -> Result<SearchPage<RepositoryDetails>> {
        let request = client::request(cx, Method::GET, "/search/repositories")?.endpoint("search/repos");
        let request = client::query_of(request, &input, &[])?;
        search::send(cx, request).await
    }
}
