//! `PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge`, and where that is refused `GET` of the same.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, Error, ErrorKind, FieldError, Idempotency, Method, Result, RetryAdvice,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::get_pull_request::{self, GetPullRequest};
use crate::client::{self, FieldMap};

/// Merges a pull request.
pub struct MergePullRequest;

/// How the commits are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeMethod {
    /// A merge commit.
    Merge,
    /// All commits as one.
    Squash,
    /// All commits on top of the base.
    Rebase,
}

/// Which pull request, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The pull request's number.
    #[schemars(range(min = 1))]
    pub pull_number: u64,
    /// How: `merge` unless told. The repository may allow only some of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_method: Option<MergeMethod>,
    /// The head's newest commit as you know it (40 hex digits): if there is a newer one nothing is merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40,64}$"))]
    pub sha: Option<String>,
    /// The first line of the commit's message; GitHub's own unless told. Not for `rebase`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub commit_title: Option<String>,
    /// The rest of the commit's message; GitHub's own unless told. Not for `rebase`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_message: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: it is merged now.
    pub merged: bool,
    /// The commit that it became in the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha: Option<String>,
    /// Whether it was merged before this call, so that there was nothing left to do.
    pub already_merged: bool,
}

#[derive(Deserialize)]
struct Merged {
    merged: bool,
    sha: String,
}

const FIELDS: FieldMap = &[
    ("merge_method", "/merge_method"),
    ("sha", "/sha"),
    ("commit_title", "/commit_title"),
    ("commit_message", "/commit_message"),
];

impl Action for MergePullRequest {
    const SPEC: ActionSpec = ActionSpec::new("merge_pull_request", "Merge a pull request")
        .summary("Merges a pull request into its base: by a merge commit, squashed, or rebased.")
        .docs("https://docs.github.com/rest/pulls/pulls#merge-a-pull-request")
        // A second call finds it merged and says so, see `already`.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "merge_method": "squash", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "merge_method": "fast-forward"}"#,
            why: "GitHub merges by `merge`, `squash` or `rebase`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let body = client::json_of(&input, &["owner", "repo", "pull_number"])?;
        let path = client::repo_path(&input.owner, &input.repo, &format!("/pulls/{}/merge", input.pull_number));
        let request = client::request(cx, Method::PUT, &path)?.endpoint("pulls/merge").json(body);
        let response = cx.send(request).await?;
        if response.status.is_success() {
            let done: Merged = response.json()?;
            if !done.merged {
                return Err(Error::protocol("a merge that succeeded says that nothing is merged"));
            }
            return Ok(Output { merged: true, sha: Some(done.sha), already_merged: false });
        }
        let e = client::error(&response, cx.now(), FIELDS);
        match response.status.as_u16() {
            405 => {
                client::refusal(&response)?;
                already(cx, input).await?.ok_or_else(|| not_mergeable(e))
            }
            // Only where `sha` was given does GitHub compare heads.
            409 if input.sha.is_some() => Err(moved(&e)),
            _ => Err(e),
        }
    }
}

/// GitHub answers 405 for what is merged already, too: looks whether it is, with the commit that was meant.
async fn already(cx: &Cx, input: Input) -> Result<Option<Output>> {
    let Input { owner, repo, pull_number, sha, .. } = input;
    let path = client::repo_path(&owner, &repo, &format!("/pulls/{pull_number}/merge"));
    let request = client::request(cx, Method::GET, &path)?.endpoint("pulls/check-if-merged");
    if client::look(cx, request).await?.is_none() {
        return Ok(None);
    }
    let pull = cx.call::<GetPullRequest>(get_pull_request::Input { owner, repo, pull_number }).await?;
    let meant = sha.is_none_or(|sha| sha.eq_ignore_ascii_case(&pull.head.sha));
    Ok(meant.then_some(Output { merged: true, sha: pull.merge_commit_sha, already_merged: true }))
}

fn not_mergeable(e: Error) -> Error {
    // `Base branch was modified. Review and try the merge again.`: the base moved while GitHub merged.
    if e.caller_text().contains("Base branch was modified") {
        return e.with_code("base_moved").with_retry(RetryAdvice::Safe { after: None });
    }
    e.with_code("not_mergeable")
}

fn moved(e: &Error) -> Error {
    let text = "the pull request's head is no longer the commit that `sha` names: look at what was pushed, then merge \
                its new head";
    client::reworded(e, ErrorKind::Conflict, text)
        .with_code("head_moved")
        .with_fields([FieldError::new("/sha", "is not the head's newest commit")])
}
