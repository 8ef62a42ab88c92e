//! `POST /repos/{owner}/{repo}/labels`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Creates a label in a repository.
pub struct CreateLabel;

/// A new label.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// Its name, up to 50 characters; emoji may stand in it as they are or as `:strawberry:`.
    #[schemars(length(min = 1, max = 50))]
    pub name: String,
    /// Its colour as six hex digits, without `#`; GitHub chooses unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9A-Fa-f]{6}$"))]
    pub color: Option<String>,
    /// What it is for, up to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub description: Option<String>,
}

impl Action for CreateLabel {
    const SPEC: ActionSpec = ActionSpec::new("create_label", "Create a label")
        .summary("Creates a label in a repository, for its issues and pull requests.")
        .docs("https://docs.github.com/rest/issues/labels#create-a-label")
        // A second one of the same name is refused with `already_exists`, so a lost answer cannot simply be asked for
        // again.
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "name": "bug", "color": "f29513", "description": "Something isn't working"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r##"{"owner": "octocat", "repo": "Hello-World", "name": "bug", "color": "#f29513"}"##,
            why: "`color` is six hex digits, without `#`.",
        }]);
    type Input = Input;
    type Output = model::RepositoryLabel;

    async fn run(cx: &Cx, input: Input) -> Result<model::RepositoryLabel> {
        let body = client::json_of(&input, &["owner", "repo"])?;
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, "/labels"))?
            .endpoint("issues/create-label")
            .json(body);
        client::send_json(cx, request, FIELDS).await
    }
}

const FIELDS: client::FieldMap = &[("name", "/name"), ("color", "/color"), ("description", "/description")];
