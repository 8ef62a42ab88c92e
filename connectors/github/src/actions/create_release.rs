//! `POST /repos/{owner}/{repo}/releases`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model,
};

/// Creates a release.
pub struct CreateRelease;

/// A new release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The tag it is made of, such as `v1.0.0`. GitHub makes the tag if there is none.
    #[schemars(length(min = 1, max = 255))]
    pub tag_name: String,
    /// Where GitHub makes the tag: a branch or a commit's SHA; the default branch unless told. Of no effect where the tag
    /// is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub target_commitish: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 125000))]
    pub body: Option<String>,
    /// Keep it as a draft, which is not published; false unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<bool>,
    /// Mark it as not ready for production; false unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prerelease: Option<bool>,
    /// The name of a category of discussions of the repository, to begin a discussion about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub discussion_category_name: Option<String>,
    /// Let GitHub write the text from the merged pull requests, below `body`, and the name if there is none; false unless
    /// told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_release_notes: Option<bool>,
    /// Whether it becomes the repository's latest release; `true` unless told. Drafts and prereleases cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make_latest: Option<MakeLatest>,
}

/// Whether a release becomes the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MakeLatest {
    /// It does.
    True,
    /// It does not.
    False,
    /// GitHub decides by date and version.
    Legacy,
}

const FIELDS: FieldMap = &[
    ("tag_name", "/tag_name"),
    ("target_commitish", "/target_commitish"),
    ("name", "/name"),
    ("body", "/body"),
    ("draft", "/draft"),
    ("prerelease", "/prerelease"),
    ("discussion_category_name", "/discussion_category_name"),
    ("make_latest", "/make_latest"),
];

impl Action for CreateRelease {
    const SPEC: ActionSpec = ActionSpec::new("create_release", "Create a release")
        .summary("Creates a release of a tag, with notes written by you or by GitHub; makes the tag if there is none.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/releases/releases#create-a-release")
        // A second release of one tag is refused, but a second draft is not.
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "tag_name": "v1.0.0", "generate_release_notes": true}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "tag_name": "v1.0.0", "make_latest": true}"#,
            why: "`make_latest` is one of the texts `true`, `false` and `legacy`.",
        }]);
    type Input = Input;
    type Output = model::Release;

    async fn run(cx: &Cx, input: Input) -> Result<model::Release> {
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, "/releases"))?
            .endpoint("repos/create-release")
            .json(client::json_of(&input, &["owner", "repo"])?);
        client::send_json(cx, request, FIELDS).await
    }
}
