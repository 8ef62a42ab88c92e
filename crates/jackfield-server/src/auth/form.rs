//! Forms as browsers send them. The guard reads them, since the token of the session stands in them, and hands them on.

use std::sync::Arc;

use axum::{body::Body, extract::FromRequestParts};
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};

use crate::error::ApiError;

/// Largest form.
const MAX_FORM: usize = 2 << 20;
/// Most fields of one.
const MAX_FIELDS: usize = 1000;

/// The fields of a form, in the order in which they stand in it. A name may stand more than once.
#[derive(Clone, Default)]
pub(crate) struct Fields(Arc<Vec<(String, String)>>);

impl Fields {
    /// The first value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// The first value of a field, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(n, _)| *n == name).map(|(_, v)| v)
    }

    /// All fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fields {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The fields, if the body is a form; the body comes back in any case.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<(Option<Fields>, Body), &'static str> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_form =
        kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    if !is_form {
        return Ok((None, body));
    }
    let bytes = Limited::new(body, MAX_FORM)
        .collect()
        .await
        .map_err(|_| "the form is too large, or ended too early")?
        .to_bytes();
    let fields: Vec<_> = url::form_urlencoded::parse(&bytes)
        .take(MAX_FIELDS + 1)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    if fields.len() > MAX_FIELDS {
        return Err("the form has too many fields");
    }
    Ok((Some(Fields(Arc::new(fields))), Body::from(bytes)))
}
