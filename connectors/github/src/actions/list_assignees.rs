//! `GET /repos/{owner}/{repo}/assignees`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists who can be assigned in a repository, page by page.
pub struct ListAssignees;

/// Of which repository, and which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// Most people of this page, 1 to 100; 30 unless told.
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
    /// The people of this page.
    pub assignees: Vec<model::User>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListAssignees {
    const SPEC: ActionSpec = ActionSpec::new("list_assignees", "List possible assignees")
        .summary("Lists the people who can be assigned to issues and pull requests of a repository, page by page.")
        .docs("https://docs.github.com/rest/issues/assignees#list-assignees")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/assignees", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "per_page": 100}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347}"#,
            why: "It lists who can be assigned in the repository; `get_issue` gives who is assigned.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, "/assignees"))?
            .endpoint("issues/list-assignees");
        let request = client::query_of(request, &input, &["owner", "repo"])?;
        let (assignees, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { assignees, next_page })
    }
}
