//! `GET /repos/{owner}/{repo}/labels`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists the labels of a repository, page by page.
pub struct ListLabels;

/// Whose labels, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// Most labels of this page, 1 to 100; 30 unless told.
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
    /// The labels of this page.
    pub labels: Vec<model::RepositoryLabel>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListLabels {
    const SPEC: ActionSpec = ActionSpec::new("list_labels", "List labels")
        .summary("Lists the labels that a repository has for its issues and pull requests, page by page.")
        .docs("https://docs.github.com/rest/issues/labels#list-labels-for-a-repository")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/labels", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "per_page": 100}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347}"#,
            why: "It lists the repository's labels; `get_issue` gives those of an issue.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, "/labels"))?
            .endpoint("issues/list-labels-for-repo");
        let request = client::query_of(request, &input, &["owner", "repo"])?;
        let (labels, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { labels, next_page })
    }
}
