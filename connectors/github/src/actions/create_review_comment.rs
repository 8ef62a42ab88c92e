//! `POST /repos/{owner}/{repo}/pulls/{pull_number}/comments`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::get_pull_request::{self, GetPullRequest};
use crate::{
    client::{self, FieldMap},
    model::{Lines, ReviewComment, Side},
};

/// Comments a line, several lines or a whole file of a pull request.
pub struct CreateReviewComment;

/// A new comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// The text in GitHub's Markdown. A suggestion is a fenced block of the language `suggestion`.
    #[schemars(length(min = 1, max = 65536))]
    pub body: String,
    /// The file's path from the repository's root.
    #[schemars(length(min = 1))]
    pub path: String,
    /// The line that it is on, or the last of several; it must be part of the difference. Left out, the comment is on
    /// the whole file.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub line: Option<u64>,
    /// The side that `line` counts on: `RIGHT` (after the change) unless told.
    #[serde(default)]
    pub side: Option<Side>,
    /// The first of several lines, in the same hunk as `line`.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub start_line: Option<u64>,
    /// The side that `start_line` counts on: that of `line` unless told.
    #[serde(default)]
    pub start_side: Option<Side>,
    /// The commit that it is on; the head's newest unless told, which costs one more call.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40,64}$"))]
    pub commit_id: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    body: &'a str,
    path: &'a str,
    commit_id: &'a str,
    #[serde(flatten)]
    lines: Option<Lines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_type: Option<&'static str>,
}

const FIELDS: FieldMap = &[
    ("body", "/body"),
    ("path", "/path"),
    ("commit_id", "/commit_id"),
    ("line", "/line"),
    ("side", "/side"),
    ("start_line", "/start_line"),
    ("start_side", "/start_side"),
    ("pull_request_review_thread.path", "/path"),
    ("pull_request_review_thread.line", "/line"),
    ("pull_request_review_thread.start_line", "/start_line"),
    // What GitHub says beside a line or a path that is not part of the difference.
    ("pull_request_review_thread.diff_hunk", "/line"),
];

impl Action for CreateReviewComment {
    const SPEC: ActionSpec = ActionSpec::new("create_review_comment", "Comment a line of a pull request")
        .summary("Adds a comment to a line, to several lines or to a whole file of a pull request's difference.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/pulls/comments#create-a-review-comment-for-a-pull-request")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1, "body": "Great stuff!", "path": "file1.txt", "start_line": 1, "line": 2}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1, "body": "Great stuff!", "path": "file1.txt", "line": "L2"}"#,
            why: "`line` is the line's number.",
        }]);
    type Input = Input;
    type Output = ReviewComment;

    async fn run(cx: &Cx, input: Input) -> Result<ReviewComment> {
        let lines = match input.line {
            Some(line) => Some(Lines::new("", (line, input.side), (input.start_line, input.start_side))?),
            None if input.start_line.is_some() || input.side.is_some() || input.start_side.is_some() => {
                return Err(Error::invalid_field("/line", "is required where `side` or `start_line` is given"));
            }
            None => None,
        };
        let Input { owner, repo, pull_number, .. } = input;
        let path = client::repo_path(&owner, &repo, &format!("/pulls/{pull_number}/comments"));
        let commit_id = match input.commit_id {
            Some(id) => id,
            None => cx.call::<GetPullRequest>(get_pull_request::Input { owner, repo, pull_number }).await?.head.sha,
        };
        let body = client::body(&Body {
            body: &input.body,
            path: &input.path,
            commit_id: &commit_id,
            subject_type: lines.is_none().then_some("file"),
            lines,
        })?;
        let request = client::request(cx, Method::POST, &path)?.endpoint("pulls/create-review-comment").json(body);
        client::send_json(cx, request, FIELDS).await
    }
}
