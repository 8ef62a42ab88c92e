//! `GET /repos/{owner}/{repo}/commits/{ref}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model,
};

/// Gives one commit, with the files that it changes.
pub struct GetCommit;

/// Which commit, and which page of its files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The commit's SHA, or a branch or tag for its newest commit.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1, max = 255))]
    pub git_ref: String,
    /// Most files of this page, 1 to 100; GitHub gives 300 in one page unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page of the files: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// The commit, and one page of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The commit.
    pub commit: model::Commit,
    /// The files of this page, each with its difference. GitHub gives 3000 files at most.
    pub files: Vec<model::ChangedFile>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(flatten)]
    commit: model::Commit,
    #[serde(default)]
    files: Vec<model::ChangedFile>,
}

const FIELDS: FieldMap = &[("ref", "/ref"), ("sha", "/ref")];

impl Action for GetCommit {
    const SPEC: ActionSpec = ActionSpec::new("get_commit", "Get a commit")
        .summary("Gives one commit with its message, people, size and the files that it changes.")
        .docs("https://docs.github.com/rest/commits/commits#get-a-commit")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/files", next_output: "/next_page", next_input: "/page" })
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "ref": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}"#,
            why: "The commit is told by `ref`, which takes a branch or a tag too.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let rest = format!("/commits/{}", client::segments(&input.git_ref, "/ref")?);
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("repos/get-commit");
        let request = client::query_of(request, &input, &["owner", "repo", "ref"])?;
        let (answer, next_page) = client::send_page::<Answer>(cx, request, FIELDS).await?;
        Ok(Output { commit: answer.commit, files: answer.files, next_page })
    }
}
