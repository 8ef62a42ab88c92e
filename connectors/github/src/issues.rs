//! What the actions on issues share: paths, names of fields, the look behind a 404.
//!
//! What must not live here: anything about one endpoint.

use connector_core::{Cx, Error, ErrorKind, Request, Result};
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

/// Whether there is something to see at an address; 404 and 410 are no.
pub(crate) async fn is_seen(cx: &Cx, request: Request) -> Result<bool> {
    match client::send(cx, request, &[]).await {
        Ok(_) => Ok(true),
        Err(e) if matches!(e.status(), Some(404 | 410)) => Ok(false),
        Err(e) => Err(e),
    }
}

/// GitHub answers 404 for what is there and the token may not change.
pub(crate) fn hidden_refusal(what: &str) -> Error {
    Error::new(ErrorKind::Permission, what.to_owned()).with_status(404)
}
