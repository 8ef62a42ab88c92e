//! What the actions on issues share: paths, names of fields, the look behind a 404.
//!
//! What must not live here: anything about one endpoint.

use connector_core::{Cx, Error, ErrorKind, Request, Response, Result};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::client::{self, FieldMap};

/// Fields of an issue.
pub(crate) const FIELDS: FieldMap = &[
    ("title", "/title"),
    ("body", "/body"),
    ("state", "/state"),
    ("state_reason", "/state_reason"),
    ("duplicate_issue_id", "/duplicate_issue_id"),
    ("labels", "/labels"),
    ("assignees", "/assignees"),
    ("assignee", "/assignees"),
    ("milestone", "/milestone"),
    ("type", "/type"),
];

/// Fields of a comment.
pub(crate) const COMMENT_FIELDS: FieldMap = &[("body", "/body")];

/// Fields of a list of labels: GitHub speaks of each label's `name`.
pub(crate) const LABEL_FIELDS: FieldMap = &[("labels", "/labels"), ("name", "/labels")];

/// A path below an issue or a pull request.
pub(crate) fn path(owner: &str, repo: &str, number: u64, rest: &str) -> String {
    client::repo_path(owner, repo, &format!("/issues/{number}{rest}"))
}

/// The path of a comment on an issue or a pull request.
pub(crate) fn comment_path(owner: &str, repo: &str, id: u64) -> String {
    client::repo_path(owner, repo, &format!("/issues/comments/{id}"))
}

/// The word that a choice is sent as.
pub(crate) fn word(choice: impl Serialize) -> Option<String> {
    match serde_json::to_value(choice) {
        Ok(Value::String(word)) => Some(word),
        _ => None,
    }
}

/// Reads a field whose null means something else than its absence: `Some(None)`.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    d: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// Sends a request whose 404 needs a second look: what GitHub answered, or, within, the error of its 404. A 404 that is
/// not in GitHub's words comes from something on the way there, and proves nothing.
pub(crate) async fn ask(cx: &Cx, request: Request) -> Result<Result<Response>> {
    let response = cx.send(request).await?;
    if response.status.is_success() {
        return Ok(Ok(response));
    }
    let error = client::error(&response, cx.now(), &[]);
    if response.status.as_u16() != 404 {
        return Err(error);
    }
    response.json::<Refusal>()?;
    Ok(Err(error))
}

/// What GitHub writes into every refusal.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "message")]
    _message: String,
}

/// GitHub answers 404 for what is there and the token may not change.
pub(crate) fn hidden_refusal(what: &str) -> Error {
    Error::new(ErrorKind::Permission, what.to_owned()).with_status(404)
}
