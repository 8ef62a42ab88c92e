//! Forms as browsers send them. The guard reads them, since the token of the session stands in them, and hands them on.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequest as _, FromRequestParts, Multipart},
};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};

use crate::error::ApiError;

/// Largest form, its files included.
const MAX_FORM: usize = 2 << 20;
/// Most fields of one.
const MAX_FIELDS: usize = 1000;

/// A file that was chosen in a form.
pub(crate) struct Upload {
    /// Its name, as the browser tells it.
    pub(crate) name: String,
    /// Its media type, as the browser tells it.
    pub(crate) media_type: String,
    /// What is in it.
    pub(crate) content: Bytes,
}

/// The fields of a form, in the order in which they stand in it. A name may stand more than once.
#[derive(Clone, Default)]
pub(crate) struct Fields {
    texts: Arc<Vec<(String, String)>>,
    files: Arc<Vec<(String, Upload)>>,
}

impl Fields {
    /// The files that were chosen in a field.
    pub(crate) fn files<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Upload> {
        self.files.iter().filter(move |(n, _)| n == name).map(|(_, f)| f)
    }

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
        self.texts.iter().map(|(n, v)| (n.as_str(), v.as_str()))
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
    let is = |what: &str| kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case(what));
    if is("multipart/form-data") {
        return Ok((Some(with_files(kind, body).await?), Body::empty()));
    }
    if !is("application/x-www-form-urlencoded") {
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
    Ok((Some(Fields { texts: Arc::new(fields), files: Arc::default() }), Body::from(bytes)))
}

/// A form with files in it.
async fn with_files(kind: &str, body: Body) -> Result<Fields, &'static str> {
    const WRONG: &str = "the form is too large, ended too early, or is none";
    let body = Body::new(Limited::new(body, MAX_FORM));
    let request = http::Request::post("/").header(header::CONTENT_TYPE, kind).body(body).map_err(|_| WRONG)?;
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| WRONG)?;
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|_| WRONG)? {
        if texts.len() + files.len() >= MAX_FIELDS {
            return Err("the form has too many fields");
        }
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file) = part.file_name().map(str::to_owned) else {
            texts.push((name, part.text().await.map_err(|_| WRONG)?));
            continue;
        };
        let media_type = part.content_type().unwrap_or_default().to_owned();
        let content = part.bytes().await.map_err(|_| WRONG)?;
        // A field in which nothing was chosen is sent as a file without a name.
        if !file.is_empty() {
            files.push((name, Upload { name: file, media_type, content }));
        }
    }
    Ok(Fields { texts: Arc::new(texts), files: Arc::new(files) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())])
    }

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let body = "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
             --x\r\ncontent-disposition: form-data; name=\"key\"; filename=\"k.pem\"\r\ncontent-type: text/plain\r\n\r\nPEM\n\r\n\
             --x\r\ncontent-disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";
        let (fields, _) = read(&headers("multipart/form-data; boundary=x"), Body::from(body)).await.unwrap();
        let fields = fields.unwrap();
        assert_eq!(fields.get("csrf"), Some("abc"));
        let of = |name: &'static str| fields.files(name).map(|f| f.name.clone()).collect::<Vec<_>>();
        assert_eq!((of("key"), of("none")), (vec!["k.pem".to_owned()], vec![]));
        assert_eq!(fields.files("key").next().unwrap().content, "PEM\n");
    }

    #[tokio::test]
    async fn what_is_too_large_or_broken_is_refused() {
        let large = format!(
            "--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{}\r\n--x--\r\n",
            "a".repeat(MAX_FORM)
        );
        for body in [large.as_str(), "--x\r\ncontent-disposition: form-data; name=\"f\"\r\n\r\nabc", "abc"] {
            assert!(read(&headers("multipart/form-data; boundary=x"), Body::from(body.to_owned())).await.is_err());
        }
        assert!(read(&headers("multipart/form-data"), Body::from("abc")).await.is_err());
        assert!(read(&headers("application/json"), Body::from("{}")).await.unwrap().0.is_none());
    }
}
