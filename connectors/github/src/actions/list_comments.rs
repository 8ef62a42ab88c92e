//! `GET /repos/{owner}/{repo}/issues/{issue_number}/comments`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, issues, model};

/// Lists the comments of an issue or a pull request, oldest first, page by page.
pub struct ListComments;

/// Which comments, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The number of the issue or pull request.
    #[schemars(range(min = 1))]
    pub issue_number: u64,
    /// Only comments changed at this time or later, ISO 8601.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<String>,
    /// Most comments of this page, 1 to 100; 30 unless told.
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
    /// The comments of this page.
    pub comments: Vec<model::Comment>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListComments {
    const SPEC: ActionSpec = ActionSpec::new("list_comments", "List comments")
        .summary("Lists the comments of an issue or a pull request, oldest first, page by page.")
        .docs("https://docs.github.com/rest/issues/comments#list-issue-comments")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/comments", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "per_page": 100}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "per_page": 500}"#,
            why: "A page has at most 100 comments.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "/comments");
        let request = client::request(cx, Method::GET, &path)?.endpoint("issues/list-comments");
        let request = client::query_of(request, &input, &["owner", "repo", "issue_number"])?;
        let (comments, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { comments, next_page })
    }
}
