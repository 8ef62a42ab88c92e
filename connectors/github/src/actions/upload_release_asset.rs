//! `GET /repos/{owner}/{repo}/releases/{release_id}`, then `POST` to the release's `upload_url`.

use connector_core::{
    Action, ActionSpec, AntiExample, Blob, Cx, Effect, Error, ErrorKind, Idempotency, Method, Result,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap},
    model,
};

/// Attaches a file to a release.
pub struct UploadReleaseAsset;

/// A release and a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The release's id.
    #[schemars(range(min = 1))]
    pub release_id: u64,
    /// The file's name. GitHub replaces special characters; the output says what became of it.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// What the page shows in place of the name.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub label: Option<String>,
    /// The file's media type, such as `application/zip`; `application/octet-stream` unless told.
    #[serde(default)]
    #[schemars(length(max = 255), regex(pattern = "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( *; *[ -~]+)?$"))]
    pub content_type: Option<String>,
    /// The file's content, at least one byte.
    pub file: Blob,
}

const FIELDS: FieldMap = &[("name", "/name"), ("label", "/label"), ("content_type", "/content_type")];

impl Action for UploadReleaseAsset {
    const SPEC: ActionSpec = ActionSpec::new("upload_release_asset", "Upload a release asset")
        .summary("Attaches a file to a release.")
        .docs("https://docs.github.com/rest/releases/assets#upload-a-release-asset")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // GitHub Enterprise Server takes files on the API's own host.
        .hosts(&["uploads.github.com", "*.ghe.com"])
        // A read and a write, which costs five points of the secondary limit.
        .cost(6)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "release_id": 1, "name": "notes.txt", "content_type": "text/plain", "file": {"text": "What is new"}}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "release_id": "v1.0.0", "name": "notes.txt", "file": {"text": "What is new"}}"#,
                why: "A release is named by its id, not by its tag.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "release_id": 1, "name": "notes.txt", "file": "What is new"}"#,
                why: "The content says what it is: text, base64 or a handle.",
            },
        ]);
    type Input = Input;
    type Output = model::ReleaseAsset;

    async fn run(cx: &Cx, input: Input) -> Result<model::ReleaseAsset> {
        let data = cx.open(&input.file).await?;
        if data.is_empty() {
            return Err(Error::invalid_field("/file", "is empty; GitHub takes files of at least one byte"));
        }
        let path = client::repo_path(&input.owner, &input.repo, &format!("/releases/{}", input.release_id));
        let request = client::request(cx, Method::GET, &path)?.endpoint("repos/get-release");
        let release: model::Release = client::send_json(cx, request, &[]).await?;
        let template = release.upload_url.as_deref().ok_or_else(|| Error::protocol("a release without upload_url"))?;
        let content_type = input.content_type.as_deref().unwrap_or("application/octet-stream");
        let request = client::uploads::request(cx, template)?
            .endpoint("repos/upload-release-asset")
            .query("name", &input.name)
            .query_opt("label", input.label.as_deref())
            .bytes(content_type, data);
        client::send_json(cx, request, FIELDS).await.map_err(|e| explain(e, &release, &input.name))
    }
}

/// An upload that breaks off leaves an empty asset of that name in state `starter`, which is in the way of the next one.
fn explain(e: Error, release: &model::Release, name: &str) -> Error {
    let left_over = release.assets.iter().any(|a| a.name == name && a.state.as_deref() == Some("starter"));
    let (code, text) = match (e.kind(), e.code()) {
        (ErrorKind::Conflict, Some("already_exists")) if left_over => (
            "starter",
            "an earlier upload of this name broke off and left an empty asset (state `starter`); delete it by \
             `delete_release_asset`, then upload again",
        ),
        (ErrorKind::UpstreamUnavailable | ErrorKind::Timeout, _) if e.status().is_some() => (
            "upload_failed",
            "GitHub failed while it took the file; if the release now has an empty asset of this name (state `starter`), \
             delete that by `delete_release_asset` before you upload again",
        ),
        _ => return e,
    };
    client::reworded(&e, e.kind(), text).with_code(code).with_retry(e.retry()).with_fields(e.fields().to_vec())
}
