//! `GET /repos/{owner}/{repo}/compare/{base}...{head}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Compares two commits, branches or tags.
pub struct CompareCommits;

/// What with what, and which page of the commits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The branch, tag or commit to compare with; in another repository of the network: `owner:branch`.
    #[schemars(length(min = 1, max = 255))]
    pub base: String,
    /// The branch, tag or commit to compare; in another repository of the network: `owner:branch`.
    #[schemars(length(min = 1, max = 255))]
    pub head: String,
    /// Most commits of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// The difference, with one page of the commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// How `head` stands to `base`: `ahead`, `behind`, `diverged` or `identical`.
    pub status: String,
    /// How many commits `head` has that `base` has not.
    pub ahead_by: u64,
    /// How many commits `base` has that `head` has not.
    pub behind_by: u64,
    /// How many commits there are over all pages.
    pub total_commits: u64,
    /// The page that shows the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// The commit that `base` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_commit: Option<model::Commit>,
    /// The newest commit that both have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_base_commit: Option<model::Commit>,
    /// The commits of this page that `head` has and `base` has not, oldest first.
    pub commits: Vec<model::Commit>,
    /// The files that differ between `head` and the newest commit of both, 300 at most; only on the first page.
    #[serde(default)]
    pub files: Vec<model::ChangedFile>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for CompareCommits {
    const SPEC: ActionSpec = ActionSpec::new("compare_commits", "Compare commits")
        .summary("Compares two branches, tags or commits: the commits between them and the files that differ.")
        .docs("https://docs.github.com/rest/commits/commits#compare-two-commits")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/commits", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "base": "main", "head": "topic"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "basehead": "main...topic"}"#,
            why: "The two ends are told apart: `base` and `head`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let rest = format!("/compare/{}", path_segment(&format!("{}...{}", input.base, input.head)));
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("repos/compare-commits-with-basehead")
            .query_opt("per_page", input.per_page)
            // Without it GitHub cuts the commits at 250 and tells no next page.
            .query("page", &input.page.unwrap_or(1).to_string());
        let (mut output, next_page): (Output, Option<u32>) = client::send_page(cx, request, &[]).await?;
        output.next_page = next_page;
        Ok(output)
    }
}
