//! `GET /search/issues`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::{Issue, Order, SearchPage},
    search,
};

/// Searches issues and pull requests in all repositories that the token sees.
pub struct SearchIssues;

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// How many comments it has.
    Comments,
    /// How many reactions it has.
    Reactions,
    /// How many 👍 it has.
    #[serde(rename = "reactions-+1")]
    ReactionsPlusOne,
    /// How many 👎 it has.
    #[serde(rename = "reactions--1")]
    ReactionsMinusOne,
    /// How many 😄 it has.
    #[serde(rename = "reactions-smile")]
    ReactionsSmile,
    /// How many 😕 it has.
    #[serde(rename = "reactions-thinking_face")]
    ReactionsThinkingFace,
    /// How many ❤️ it has.
    #[serde(rename = "reactions-heart")]
    ReactionsHeart,
    /// How many 🎉 it has.
    #[serde(rename = "reactions-tada")]
    ReactionsTada,
    /// How many comments and reactions it has.
    Interactions,
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
}

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchType {
    /// By meaning.
    Semantic,
    /// By meaning and by words.
    Hybrid,
}

/// What to look for, and which page of it. GitHub gives the first 1000 results at most. 30 searches a minute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Words and GitHub's qualifiers: `repo:octocat/Hello-World is:issue state:open label:bug crash`. Tokens of a
    /// GitHub App's users need `is:issue` or `is:pull-request` in it.
    #[schemars(length(min = 1))]
    pub q: String,
    /// What to sort by; GitHub's best match first unless told.
    #[serde(default)]
    pub sort: Option<Sort>,
    /// `desc` (most or newest first) or `asc`; `desc` unless told. It counts only together with `sort`.
    #[serde(default)]
    pub order: Option<Order>,
    /// `semantic` (by meaning) or `hybrid` (by meaning and words); by words unless told. github.com takes ten of these
    /// a minute.
    #[serde(default)]
    pub search_type: Option<SearchType>,
    /// Most results of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

impl Action for SearchIssues {
    const SPEC: ActionSpec = ActionSpec::new("search_issues", "Search issues and pull requests")
        .summary("Searches issues and pull requests by words and qualifiers, page by page, the first 1000 at most.")
        .budgets(&["search"])
        .docs("https://docs.github.com/rest/search/search#search-issues-and-pull-requests")
        .read()
        .scopes(&["repo"])
        .paged(Paging { items: "/items", next_output: "/next_page", next_input: "/page" })
        .examples(&[
            r#"{"q": "repo:octocat/Hello-World is:issue state:open label:bug crash", "sort": "updated", "per_page": 100}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"q": "crash", "state": "open"}"#,
            why: "Filters are qualifiers in `q`: `state:open`.",
        }]);
    type Input = Input;
    type Output = SearchPage<Issue>;

    async fn run(cx: &Cx, input: Input) -> Result<SearchPage<Issue>> {
        let request = client::request(cx, Method::GET, "/search/issues")?.endpoint("search/issues-and-pull-requests");
        let request = client::query_of(request, &input, &[])?;
        search::send(cx, request).await
    }
}
