//! The style sheet and the script, by a name that changes with what is in it, so that browsers may keep it for good.

use std::sync::LazyLock;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use ring::digest;

use crate::AppState;

const CSS: &str = include_str!("assets/jackfield.css");

const SCRIPT: &str = include_str!("assets/jackfield.js");

/// What browsers show beside the title.
const ICON: &str = include_str!("assets/jackfield.svg");

static CSS_NAME: LazyLock<String> = LazyLock::new(|| name(CSS, "css"));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| name(SCRIPT, "js"));
static ICON_NAME: LazyLock<String> = LazyLock::new(|| name(ICON, "svg"));

fn name(content: &str, kind: &str) -> String {
    let hash = digest::digest(&digest::SHA256, content.as_bytes());
    format!("jackfield-{}.{kind}", hex(hash.as_ref().get(..8).unwrap_or_default()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The style sheet's address.
pub(super) fn css() -> String {
    format!("/assets/{}", *CSS_NAME)
}

/// The script's address.
pub(super) fn script() -> String {
    format!("/assets/{}", *SCRIPT_NAME)
}

/// The address of the gateway's own icon.
pub(super) fn own_icon() -> String {
    format!("/assets/{}", *ICON_NAME)
}

pub(super) async fn serve(Path(file): Path<String>) -> Response {
    let (kind, content) = match file {
        f if f == *CSS_NAME => ("text/css; charset=utf-8", CSS),
        f if f == *SCRIPT_NAME => ("text/javascript; charset=utf-8", SCRIPT),
        f if f == *ICON_NAME => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, content).into_response()
}

/// The icon of a connector, as an image of its own: what it may hold runs nowhere.
pub(super) async fn icon(State(s): State<AppState>, Path(id): Path<String>) -> Response {
    let Some(c) = s.engine.registry().get(&id).ok().filter(|c| !c.info().icon.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ];
    (headers, c.info().icon.clone()).into_response()
}
