//! `GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists the reviews of a pull request, oldest first, page by page.
pub struct ListReviews;

/// Of which pull request, and which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The pull request's number.
    #[schemars(range(min = 1))]
    pub pull_number: u64,
    /// Most reviews of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The reviews of this page, oldest first. A person's latest one that is no comment is what counts.
    pub reviews: Vec<model::Review>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListReviews {
    const SPEC: ActionSpec = ActionSpec::new("list_reviews", "List reviews")
        .summary("Lists the reviews of a pull request, oldest first, page by page.")
        .docs("https://docs.github.com/rest/pulls/reviews#list-reviews-for-a-pull-request")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/reviews", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 12, "per_page": 100}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 0}"#,
            why: "Numbers begin with 1.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = client::repo_path(&input.owner, &input.repo, &format!("/pulls/{}/reviews", input.pull_number));
        let request = client::request(cx, Method::GET, &path)?.endpoint("pulls/list-reviews");
        let request = client::query_of(request, &input, &["owner", "repo", "pull_number"])?;
        let (reviews, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { reviews, next_page })
    }
}
