//! `GET /repos/{owner}/{repo}/pulls/{pull_number}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, model};

/// Gives one pull request.
pub struct GetPullRequest;

/// Which pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
}

impl Action for GetPullRequest {
    const SPEC: ActionSpec = ActionSpec::new("get_pull_request", "Get a pull request")
        .summary("Gives one pull request, with its branches, reviewers, counts, and whether it can be merged.")
        .docs("https://docs.github.com/rest/pulls/pulls#get-a-pull-request")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347}"#])
        .anti_examples(&[AntiExample {
            input: r##"{"owner": "octocat", "repo": "Hello-World", "pull_number": "#1347"}"##,
            why: "`pull_number` is a number, without `#`.",
        }]);
    type Input = Input;
    type Output = model::PullRequest;

    async fn run(cx: &Cx, input: Input) -> Result<model::PullRequest> {
        let path = client::repo_path(&input.owner, &input.repo, &format!("/pulls/{}", input.pull_number));
        client::send_json(cx, client::request(cx, Method::GET, &path)?.endpoint("pulls/get"), &[]).await
    }
}
