//! `GET /repos/{owner}/{repo}/commits/{ref}/status`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Tells how a commit did over all contexts.
pub struct GetCombinedStatus;

/// Which commit, and which page of its statuses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// A branch, a tag or a commit's SHA; `heads/NAME` and `tags/NAME` tell a branch from a tag.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1, max = 255))]
    pub git_ref: String,
    /// Most statuses of this page, 1 to 100; 30 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// The commit's state, and one page of the statuses it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// `success` if the newest status of every context is that, `failure` if one is a failure or an error, else `pending`:
    /// also where nobody said anything, see `total_count`. Check runs do not count here.
    pub state: String,
    /// The commit.
    pub sha: String,
    /// How many contexts there are.
    pub total_count: u64,
    /// The newest status of each context.
    pub statuses: Vec<model::CommitStatus>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for GetCombinedStatus {
    const SPEC: ActionSpec = ActionSpec::new("get_combined_status", "Get a commit's status")
        .summary(
            "Tells how a commit did over all contexts, and the newest status of each; check runs do not count here.",
        )
        .docs("https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference")
        .read()
        .scopes(&["repo:status"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/statuses", next_output: "/next_page", next_input: "/page" })
        .total("/total_count")
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "ref": "main"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}"#,
            why: "The field is `ref`, since branches and tags do as well.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let rest = format!("/commits/{}/status", path_segment(&input.git_ref));
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("repos/get-combined-status-for-ref");
        let request = client::query_of(request, &input, &["owner", "repo", "ref"])?;
        let (found, next_page): (Output, _) = client::send_page(cx, request, &[]).await?;
        Ok(Output { next_page, ..found })
    }
}
