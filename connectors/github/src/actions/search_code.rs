//! `GET /search/code`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::{FoundFile, SearchPage},
    search,
};

/// Searches code.
pub struct SearchCode;

/// The media type whose answers say what matched.
const TEXT_MATCH: &str = "application/vnd.github.text-match+json";

/// What to look for, and which page of it. GitHub gives the first 1000 results at most. Ten searches a minute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// At least one word, and GitHub's qualifiers: `addClass in:file language:js repo:jquery/jquery`. Only default
    /// branches and files smaller than 384 KB are searched.
    #[schemars(length(min = 1))]
    pub q: String,
    /// Whether the places that match are wanted too (`text_matches` of each result); false unless told.
    #[serde(default)]
    pub text_matches: bool,
    /// Most results of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

impl Action for SearchCode {
    const SPEC: ActionSpec = ActionSpec::new("search_code", "Search code")
        .summary("Searches the contents of files on default branches, page by page, the first 1000 at most.")
        .budgets(&["code_search"])
        .docs("https://docs.github.com/rest/search/search#search-code")
        .read()
        .scopes(&["repo"])
        .paged(Paging { items: "/items", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"q": "addClass in:file language:js repo:jquery/jquery", "text_matches": true}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"q": "addClass", "repo": "jquery/jquery"}"#,
            why: "Filters are qualifiers in `q`: `repo:jquery/jquery`.",
        }]);
    type Input = Input;
    type Output = SearchPage<FoundFile>;

    async fn run(cx: &Cx, input: Input) -> Result<SearchPage<FoundFile>> {
        let accept = if input.text_matches { TEXT_MATCH } else { client::JSON };
        let request = client::request_as(cx, Method::GET, "/search/code", accept)?.endpoint("search/code");
        let request = client::query_of(request, &input, &["text_matches"])?;
        search::send(cx, request).await
    }
}
