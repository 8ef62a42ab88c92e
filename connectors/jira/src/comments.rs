//! What the actions on comments share.
//!
//! What must not live here: comments' shapes ([`crate::model`]).

use connector_core::{Cx, Method, Request, Result, request::path_segment};
use serde_json::{Value, json};

use crate::{
    client::{self, FieldMap},
    model::Restriction,
    text::Format,
};

/// Fields of a comment, as the inputs name them.
pub(crate) const FIELDS: FieldMap = FieldMap {
    known: &[("comment", "/body"), ("body", "/body"), ("visibility", "/visibility"), ("commentLevel", "/visibility")],
    rest: None,
};

/// A request about one comment.
pub(crate) fn request(cx: &Cx, method: Method, issue_key: &str, id: &str) -> Result<Request> {
    client::issue_request(cx, method, issue_key, &format!("/comment/{}", path_segment(id)))
}

/// A comment as Jira takes it.
pub(crate) fn body(cx: &Cx, format: Format, text: &str, visibility: Option<&Restriction>) -> Value {
    let mut body = json!({"body": client::text(cx, format, text)});
    if let (Some(v), Some(map)) = (visibility, body.as_object_mut()) {
        map.insert("visibility".to_owned(), json!(v));
    }
    body
}
