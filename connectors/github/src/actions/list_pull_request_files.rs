//! `GET /repos/{owner}/{repo}/pulls/{pull_number}/files`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists the files that a pull request changes, page by page.
pub struct ListPullRequestFiles;

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
    /// Most files of this page, 1 to 100; 30 unless told.
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
    /// The files of this page, each with its difference. GitHub gives 3000 files at most.
    pub files: Vec<model::ChangedFile>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListPullRequestFiles {
    const SPEC: ActionSpec = ActionSpec::new("list_pull_request_files", "List a pull request's files")
        .summary("Lists the files that a pull request changes, each with its difference, page by page.")
        .docs("https://docs.github.com/rest/pulls/pulls#list-pull-requests-files")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/files", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "per_page": 100}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "per_page": 3000}"#,
            why: "A page has at most 100 files.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = client::repo_path(&input.owner, &input.repo, &format!("/pulls/{}/files", input.pull_number));
        let request = client::request(cx, Method::GET, &path)?.endpoint("pulls/list-files");
        let request = client::query_of(request, &input, &["owner", "repo", "pull_number"])?;
        let (files, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { files, next_page })
    }
}
