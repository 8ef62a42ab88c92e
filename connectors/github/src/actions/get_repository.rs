//! `GET /repos/{owner}/{repo}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, model};

/// Gives a repository.
pub struct GetRepository;

/// Which repository.
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

impl Action for GetRepository {
    const SPEC: ActionSpec = ActionSpec::new("get_repository", "Get a repository")
        .summary("Gives a repository with its default branch, settings and what the token may do with it.")
        .docs("https://docs.github.com/rest/repos/repos#get-a-repository")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "octocat/Hello-World"}"#,
            why: "`repo` is the name alone; the owner stands in `owner`.",
        }]);
    type Input = Input;
    type Output = model::RepositoryDetails;

    async fn run(cx: &Cx, input: Input) -> Result<model::RepositoryDetails> {
        let path = client::repo_path(&input.owner, &input.repo, "");
        let request = client::request(cx, Method::GET, &path)?.endpoint("repos/get");
        client::send_json(cx, request, &[]).await
    }
}
