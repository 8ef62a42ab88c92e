//! `POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model::{Lines, Review, Side},
};

/// Reviews a pull request.
pub struct CreateReview;

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Event {
    /// It may be merged.
    Approve,
    /// It must be changed first.
    RequestChanges,
    /// Neither.
    Comment,
}

/// A comment on lines of the difference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftComment {
    /// The file's path from the repository's root.
    #[schemars(length(min = 1))]
    pub path: String,
    /// The text in GitHub's Markdown. A suggestion is a fenced block of the language `suggestion`.
    #[schemars(length(min = 1, max = 65536))]
    pub body: String,
    /// The line that it is on, or the last of several; it must be part of the difference.
    #[schemars(range(min = 1))]
    pub line: u64,
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
}

/// A new review.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// What it says.
    pub event: Event,
    /// The text in GitHub's Markdown; needed unless it approves or has comments.
    #[serde(default)]
    #[schemars(length(max = 65536))]
    pub body: Option<String>,
    /// Comments on lines.
    #[serde(default)]
    pub comments: Vec<DraftComment>,
    /// The commit that was reviewed; the head's newest unless told.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40,64}$"))]
    pub commit_id: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    event: Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comments: Vec<CommentBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_id: Option<&'a str>,
}

#[derive(Serialize)]
struct CommentBody<'a> {
    path: &'a str,
    body: &'a str,
    #[serde(flatten)]
    lines: Lines,
}

const FIELDS: FieldMap =
    &[("event", "/event"), ("body", "/body"), ("comments", "/comments"), ("commit_id", "/commit_id")];

impl Action for CreateReview {
    const SPEC: ActionSpec = ActionSpec::new("create_review", "Review a pull request")
        .summary("Reviews a pull request: approves it, asks for changes or comments, with comments on lines.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 12, "event": "APPROVE"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 12, "event": "REQUEST_CHANGES", "body": "This is close to perfect!", "comments": [{"path": "file.md", "line": 6, "body": "Please add more information here."}]}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 12, "event": "approved"}"#,
                why: "The event is `APPROVE`, `REQUEST_CHANGES` or `COMMENT`.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 12, "event": "COMMENT", "comments": [{"path": "file.md", "position": 6, "body": "Typo."}]}"#,
                why: "A comment is placed by `line`; GitHub gives `position` up.",
            },
        ]);
    type Input = Input;
    type Output = Review;

    async fn run(cx: &Cx, input: Input) -> Result<Review> {
        let silent = input.body.as_deref().is_none_or(str::is_empty) && input.comments.is_empty();
        if silent && input.event != Event::Approve {
            return Err(Error::invalid_field("/body", "is required unless the review approves or has comments"));
        }
        let comments = input.comments.iter().enumerate().map(|(i, c)| {
            let lines = Lines::new(&format!("/comments/{i}"), (c.line, c.side), (c.start_line, c.start_side))?;
            Ok(CommentBody { path: &c.path, body: &c.body, lines })
        });
        let body = client::body(&Body {
            event: input.event,
            body: input.body.as_deref(),
            comments: comments.collect::<Result<_>>()?,
            commit_id: input.commit_id.as_deref(),
        })?;
        let path = client::repo_path(&input.owner, &input.repo, &format!("/pulls/{}/reviews", input.pull_number));
        let request = client::request(cx, Method::POST, &path)?.endpoint("pulls/create-review").json(body);
        client::send_json(cx, request, FIELDS).await
    }
}
