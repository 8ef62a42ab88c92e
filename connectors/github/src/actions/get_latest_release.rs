//! `GET /repos/{owner}/{repo}/releases/latest`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, model};

/// Gives the latest release.
pub struct GetLatestRelease;

/// Whose latest release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
}

impl Action for GetLatestRelease {
    const SPEC: ActionSpec = ActionSpec::new("get_latest_release", "Get the latest release")
        .summary("Gives the latest published release of a repository; drafts and prereleases do not count.")
        .docs("https://docs.github.com/rest/releases/releases#get-the-latest-release")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "tag_name": "v1.0.0"}"#,
            why: "The latest release has the tag it has; others are found by `list_releases`.",
        }]);
    type Input = Input;
    type Output = model::Release;

    async fn run(cx: &Cx, input: Input) -> Result<model::Release> {
        let path = client::repo_path(&input.owner, &input.repo, "/releases/latest");
        let request = client::request(cx, Method::GET, &path)?.endpoint("repos/get-latest-release");
        client::send_json(cx, request, &[]).await
    }
}
