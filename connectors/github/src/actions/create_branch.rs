//! `POST /repos/{owner}/{repo}/git/refs`, and to find commits `GET /repos/{owner}/{repo}/git/ref/{ref}`.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, Error, ErrorKind, FieldError, Idempotency, Method, Request, Result,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{self, FieldMap};

/// Makes a branch.
pub struct CreateBranch;

/// A new branch, and where it begins: at a commit (`sha`) or at the newest commit of another branch (`from`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The new branch's name, without `refs/heads/`.
    #[schemars(length(min = 1, max = 244), regex(pattern = r"^[^\s~^:?*\[\\]+$"))]
    pub branch: String,
    /// The commit where it begins (40 hex digits).
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40,64}$"))]
    pub sha: Option<String>,
    /// The branch at whose newest commit it begins, instead of `sha`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 244), regex(pattern = r"^[^\s~^:?*\[\\]+$"))]
    pub from: Option<String>,
}

/// The branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its full name: `refs/heads/feature`.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The commit it points to.
    pub sha: String,
    /// Whether this call made it; false if it pointed to this commit already.
    pub created: bool,
}

#[derive(Deserialize)]
struct Ref {
    #[serde(rename = "ref")]
    git_ref: String,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    sha: String,
}

const FIELDS: FieldMap = &[("ref", "/branch"), ("sha", "/sha"), ("object", "/sha")];

impl Action for CreateBranch {
    const SPEC: ActionSpec = ActionSpec::new("create_branch", "Create a branch")
        .summary("Makes a branch that begins at a commit or at the newest commit of another branch.")
        .docs("https://docs.github.com/rest/git/refs#create-a-reference")
        // A second call finds the branch where it should be, and says that it did not make it. If `from` moved on between
        // them it is refused: the branch is there, at another commit.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "branch": "featureA", "from": "main"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "branch": "fix/1347", "sha": "aa218f56b14c9653891f9e74264a383fa43fefbd"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "branch": "my feature", "from": "main"}"#,
            why: "Git allows no blanks in names of branches.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let Input { owner, repo, branch, sha, from } = input;
        // Checked before anything is sent, as the names' other slips are by the schema.
        client::segments(&branch, "/branch")?;
        let sha = match (sha, from) {
            (Some(sha), None) => sha,
            (None, Some(from)) => {
                let request = get_ref(cx, &owner, &repo, &from, "/from")?;
                client::send_json::<Ref>(cx, request, FIELDS).await?.object.sha
            }
            (None, None) => return Err(Error::invalid_field("/from", "is required unless `sha` is given")),
            (Some(_), Some(_)) => return Err(Error::invalid_field("/from", "and `sha` exclude each other")),
        };
        let request = client::request(cx, Method::POST, &client::repo_path(&owner, &repo, "/git/refs"))?
            .endpoint("git/create-ref")
            .json(json!({"ref": format!("refs/heads/{branch}"), "sha": sha}));
        let response = cx.send(request).await?;
        if response.status.is_success() {
            let made: Ref = response.json()?;
            return Ok(Output { git_ref: made.git_ref, sha: made.object.sha, created: true });
        }
        let e = client::error(&response, cx.now(), FIELDS);
        if response.status.as_u16() != 422 || client::refusal(&response)? != "Reference already exists" {
            return Err(e);
        }
        let there = client::look(cx, get_ref(cx, &owner, &repo, &branch, "/branch")?).await?;
        let there: Option<Ref> = there.map(|r| r.json()).transpose()?;
        match there.filter(|there| there.object.sha.eq_ignore_ascii_case(&sha)) {
            Some(there) => Ok(Output { git_ref: there.git_ref, sha: there.object.sha, created: false }),
            None => {
                let text = "there is a branch of this name already, at another commit";
                Err(client::reworded(&e, ErrorKind::Conflict, text)
                    .with_code("already_exists")
                    .with_fields([FieldError::new("/branch", "is taken")]))
            }
        }
    }
}

/// Asks for a branch that is there.
fn get_ref(cx: &Cx, owner: &str, repo: &str, branch: &str, pointer: &str) -> Result<Request> {
    let rest = format!("/git/ref/heads/{}", client::segments(branch, pointer)?);
    Ok(client::request(cx, Method::GET, &client::repo_path(owner, repo, &rest))?.endpoint("git/get-ref"))
}
