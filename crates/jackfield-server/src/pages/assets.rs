//! The style sheet, by a name that changes with what is in it, so that browsers may keep it for good.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use ring::digest;

const CSS: &str = include_str!("assets/jackfield.css");

static CSS_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash = digest::digest(&digest::SHA256, CSS.as_bytes());
    format!("jackfield-{}.css", hex(hash.as_ref().get(..8).unwrap_or_default()))
});

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The style sheet's address.
pub(super) fn css() -> String {
    format!("/assets/{}", *CSS_NAME)
}

pub(super) async fn serve(Path(file): Path<String>) -> Response {
    if file != *CSS_NAME {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, CSS).into_response()
}
