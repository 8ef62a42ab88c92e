//! `POST /rest/api/3/issue/{issueIdOrKey}/comment`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{self, FieldMap},
    text::{self, Dialect, Format},
};

/// Adds a comment to an issue.
pub struct AddComment;

/// A new comment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The text, plain: a blank line begins a paragraph, nothing in it is markup.
    #[schemars(length(min = 1, max = 32767), regex(pattern = r"\S"))]
    pub body: String,
}

/// The comment that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its numeric id, as text.
    pub id: String,
    /// The issue's page at the comment; not known when the connection goes through api.atlassian.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was made, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
    created: Option<String>,
}

const FIELDS: FieldMap = FieldMap { known: &[("comment", "/body"), ("body", "/body")], rest: None };

impl Action for AddComment {
    const SPEC: ActionSpec = ActionSpec::new("add_comment", "Add a comment")
        .summary("Adds a comment to an issue.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24", "body": "Fixed in 2.1.\n\nPlease try again."}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "https://example.atlassian.net/browse/ENG-24", "body": "Fixed"}"#,
            why: "`issue_key` is the key alone.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = format!("/issue/{}/comment", path_segment(&input.issue_key));
        let request = client::request(cx, Method::POST, &path)?
            .endpoint("issue.comment.add")
            .json(json!({"body": text::write(Dialect::Adf, Format::Plain, &input.body)}));
        let made: Created = client::send_json(cx, request, FIELDS).await?;
        // Jira's pages know issues by key only.
        let page = input.issue_key.contains('-').then(|| client::browse_url(cx, &input.issue_key)).flatten();
        let url = page.map(|page| format!("{page}?focusedCommentId={}", made.id));
        Ok(Output { id: made.id, url, created: made.created })
    }
}
