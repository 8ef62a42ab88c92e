//! `GET /repos/{owner}/{repo}/contents/{path}`, and for files over 1 MB `GET /repos/{owner}/{repo}/git/blobs/{sha}`.

use base64::Engine as _;
use connector_core::{Action, ActionSpec, AntiExample, Blob, Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{files::Place, model::FolderEntry};

/// Reads a file, or lists a folder.
pub struct GetContents;

/// Which file or folder, at which version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The path of the file or folder from the repository's root, without a leading slash; empty for the root.
    #[serde(default)]
    pub path: String,
    /// A branch, tag or commit; the default branch unless told.
    #[serde(rename = "ref", default)]
    #[schemars(length(min = 1, max = 255))]
    pub git_ref: Option<String>,
    /// Whether a file's content is left out; false unless told. Saves a second call for files over 1 MB.
    #[serde(default)]
    pub without_content: bool,
}

/// What lies there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// `file`, `dir` (a folder), `symlink` (whose target is no file of the repository) or `submodule`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name; empty for the root.
    pub name: String,
    /// Its path from the repository's root; empty for the root.
    pub path: String,
    /// The SHA of its content (the blob), of the folder (the tree) or of the submodule's commit. Changing a file takes it.
    pub sha: String,
    /// Its size in bytes; 0 for a folder.
    pub size: u64,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// A file's content: as text if it is UTF-8, else as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Blob>,
    /// What lies in a folder, 1000 entries at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<FolderEntry>>,
    /// Where a symlink points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Where a submodule comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submodule_git_url: Option<String>,
}

impl Action for GetContents {
    const SPEC: ActionSpec = ActionSpec::new("get_contents", "Get a file or folder")
        .summary("Reads a file of a repository, or lists a folder, at a branch, tag or commit.")
        .docs("https://docs.github.com/rest/repos/contents#get-repository-content")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "path": "docs/README.md", "ref": "main"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "path": ""}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "path": "README.md", "branch": "main"}"#,
            why: "The version is told by `ref`, which takes a branch, a tag or a commit.",
        }]);
    type Input = Input;
    type Output = Output;

    // GitHub's `download_url` is left out of the output on purpose: for a private repository it holds a token.
    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let place =
            Place { owner: &input.owner, repo: &input.repo, path: &input.path, git_ref: input.git_ref.as_deref() };
        let found = place.find(cx).await?;
        let content = if found.kind == "file" && !input.without_content {
            let bytes = place.content(cx, &found).await?;
            Some(match String::from_utf8(bytes.into()) {
                Ok(text) => Blob::Text(text),
                Err(e) => Blob::Base64(base64::prelude::BASE64_STANDARD.encode(e.as_bytes())),
            })
        } else {
            None
        };
        Ok(Output {
            kind: found.kind,
            name: found.name,
            path: found.path,
            sha: found.sha,
            size: found.size,
            html_url: found.html_url,
            content,
            entries: found.entries,
            target: found.target,
            submodule_git_url: found.submodule_git_url,
        })
    }
}
