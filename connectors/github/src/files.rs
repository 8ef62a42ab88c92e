//! What the actions on files share: reading one, GitHub's refusals of a write, and the commit that touched a file last.
//!
//! What must not live here: anything about one action's input or output.

use base64::Engine as _;
use connector_core::{
    Bytes, Cx, Error, ErrorKind, FieldError, Method, Request, Response, Result, RetryAdvice, Timestamp,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    client::{self, FieldMap},
    model::{Commit, FolderEntry},
};

/// Names in GitHub's error lists, for all actions on files.
const FIELDS: FieldMap = &[
    ("path", "/path"),
    ("sha", "/sha"),
    ("branch", "/branch"),
    ("message", "/message"),
    ("content", "/content"),
    ("author", "/author"),
    ("committer", "/committer"),
];

/// Where a file is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) owner: &'a str,
    pub(crate) repo: &'a str,
    /// The path from the root; empty for the root.
    pub(crate) path: &'a str,
    /// A branch, tag or commit; the default branch if none.
    pub(crate) git_ref: Option<&'a str>,
}

/// What lies at a place, as GitHub tells it.
#[derive(Deserialize)]
pub(crate) struct Found {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) path: String,
    pub(crate) sha: String,
    #[serde(default)]
    pub(crate) size: u64,
    #[serde(default)]
    pub(crate) html_url: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    pub(crate) entries: Option<Vec<FolderEntry>>,
    #[serde(default)]
    pub(crate) target: Option<String>,
    #[serde(default)]
    pub(crate) submodule_git_url: Option<String>,
}

impl Place<'_> {
    /// Its path in the API.
    pub(crate) fn url(&self) -> Result<String> {
        let rest = match self.path {
            "" => "/contents".to_owned(),
            path => format!("/contents/{}", client::segments(path, "/path")?),
        };
        Ok(client::repo_path(self.owner, self.repo, &rest))
    }

    /// What lies there.
    pub(crate) async fn find(&self, cx: &Cx) -> Result<Found> {
        let response = cx.send(self.request(cx)?).await?;
        if response.status.is_success() { response.json() } else { Err(unreadable(&response, cx.now())) }
    }

    /// What lies there, if anything does.
    pub(crate) async fn look(&self, cx: &Cx) -> Result<Option<Found>> {
        client::look(cx, self.request(cx)?).await?.map(|r| r.json()).transpose()
    }

    fn request(&self, cx: &Cx) -> Result<Request> {
        // The object form is one object for a folder too, and the only one that takes files over 1 MB.
        let request = client::request_as(cx, Method::GET, &self.url()?, "application/vnd.github.object+json")?;
        Ok(request.endpoint("repos/get-content").query_opt("ref", self.git_ref))
    }

    /// The bytes of a file that was found here.
    pub(crate) async fn content(&self, cx: &Cx, found: &Found) -> Result<Bytes> {
        let inline = found.content.as_deref().unwrap_or_default();
        if found.encoding.as_deref() == Some("base64") && (!inline.is_empty() || found.size == 0) {
            let text: String = inline.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let bytes = base64::prelude::BASE64_STANDARD.decode(text);
            return bytes
                .map(Bytes::from)
                .map_err(|_| Error::protocol("a file's content is not the base64 it is said to be"));
        }
        // Over 1 MB GitHub says encoding "none". The content is asked for by its own SHA, not by path and branch again:
        // so it is surely the one that was found, whatever was pushed meanwhile.
        let path = client::repo_path(
            self.owner,
            self.repo,
            &format!("/git/blobs/{}", connector_core::request::path_segment(&found.sha)),
        );
        let request =
            client::request_as(cx, Method::GET, &path, "application/vnd.github.raw+json")?.endpoint("git/get-blob");
        let response = cx.send(request).await?;
        if response.status.is_success() { Ok(response.body) } else { Err(unreadable(&response, cx.now())) }
    }

    /// The newest commit that touched what lies there; none if there never was anything, or no such branch.
    pub(crate) async fn last_commit(&self, cx: &Cx) -> Result<Option<Commit>> {
        let request = client::request(cx, Method::GET, &client::repo_path(self.owner, self.repo, "/commits"))?
            .endpoint("repos/list-commits")
            .query("path", self.path)
            .query_opt("sha", self.git_ref)
            .query("per_page", "1");
        let Some(response) = client::look(cx, request).await? else { return Ok(None) };
        Ok(response.json::<Vec<Commit>>()?.into_iter().next())
    }
}

fn unreadable(response: &Response, now: Timestamp) -> Error {
    let e = client::error(response, now, &[]);
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    // It is 403, but no permission is lacking.
    if response.status.as_u16() == 403 && body.pointer("/errors/0/code").is_some_and(|c| c == "too_large") {
        let text = "the file is too large for GitHub's API, which gives 100 MB at most; use git";
        return client::reworded(&e, ErrorKind::InvalidInput, text)
            .with_code("too_large")
            .with_fields([FieldError::new("/path", "names a file that is too large")]);
    }
    e
}

/// The error for a write that GitHub refused.
pub(crate) fn refused(response: &Response, now: Timestamp) -> Error {
    let e = client::error(response, now, FIELDS);
    let message = client::refusal(response).unwrap_or_default();
    match response.status.as_u16() {
        // `<path> does not match <sha>`.
        409 if message.contains("does not match") => {
            let text = "the file is not the version that `sha` names: it was changed meanwhile; read it again and give \
                        its new `sha`";
            client::reworded(&e, ErrorKind::Conflict, text)
                .with_code("stale_sha")
                .with_fields([FieldError::new("/sha", "is not the file's present version")])
        }
        // `is at <sha> but expected <sha>`: two writes to one branch met, and this one came second.
        409 if message.contains("but expected") || message.contains("expected to be at") => {
            let text = "another commit came to the branch at the same moment; nothing was written, and the call may be \
                        made again";
            client::reworded(&e, ErrorKind::Conflict, text)
                .with_code("branch_moved")
                .with_retry(RetryAdvice::Safe { after: None })
        }
        // `"sha" wasn't supplied.`: there is a file, and GitHub replaces none unless its version is named.
        422 if message.contains("\"sha\" wasn't supplied") => {
            let text = "the file is there already; to replace it give its `sha`, which get_contents tells";
            client::reworded(&e, ErrorKind::Conflict, text)
                .with_code("already_exists")
                .with_fields([FieldError::new("/sha", "is needed to replace a file")])
        }
        _ => e,
    }
}
