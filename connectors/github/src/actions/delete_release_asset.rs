//! `DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Deletes a file from a release.
pub struct DeleteReleaseAsset;

/// Which file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The file's id, as `assets` of `list_releases` tells it.
    #[schemars(range(min = 1))]
    pub asset_id: u64,
}

/// What is true now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: the repository has no such file, whether this call deleted it or an earlier one.
    pub deleted: bool,
}

impl Action for DeleteReleaseAsset {
    const SPEC: ActionSpec = ActionSpec::new("delete_release_asset", "Delete a release asset")
        .summary("Deletes a file from a release for good, such as one that a broken upload left.")
        .docs("https://docs.github.com/rest/releases/assets#delete-a-release-asset")
        // A second call finds that it is gone, see `gone`.
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "asset_id": 1}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "asset_id": "example.zip"}"#,
            why: "A file is named by its id; `list_releases` tells it.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = client::repo_path(&input.owner, &input.repo, &format!("/releases/assets/{}", input.asset_id));
        let request = client::request(cx, Method::DELETE, &path)?.endpoint("repos/delete-release-asset");
        match client::ask(cx, request, 404, &[]).await? {
            Ok(_) => Ok(Output { deleted: true }),
            Err(refused) => gone(cx, &input, &path, refused).await,
        }
    }
}

/// A 404 may mean that the file is gone already, which is success. It is also GitHub's answer to whoever may not delete it,
/// and to whoever may not see it: only people who can push see the files of a draft. So it is gone for sure if it cannot be
/// read by somebody who can push; where GitHub does not say so of the token, its 404 stands.
async fn gone(cx: &Cx, input: &Input, path: &str, refused: Error) -> Result<Output> {
    let request = client::request(cx, Method::GET, path)?.endpoint("repos/get-release-asset");
    if let Some(there) = client::look(cx, request).await? {
        there.json::<model::ReleaseAsset>()?;
        return Err(client::hidden_refusal("the file is there, and the connection's token may not delete it"));
    }
    let path = client::repo_path(&input.owner, &input.repo, "");
    let request = client::request(cx, Method::GET, &path)?.endpoint("repos/get");
    let Some(seen) = client::look(cx, request).await? else { return Err(refused) };
    let seen: model::RepositoryDetails = seen.json()?;
    if seen.permissions.is_some_and(|p| p.push) { Ok(Output { deleted: true }) } else { Err(refused) }
}
