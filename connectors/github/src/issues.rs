//! What the actions on issues share: paths, names of fields.
//!
//! What must not live here: anything about one endpoint.

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
