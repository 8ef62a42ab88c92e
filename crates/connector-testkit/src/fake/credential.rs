//! Credentials that were renewed: what the service gave out before is refused, the new ones are taken.
//!
//! The routes know the first credentials only, so a request with the new ones is read as if it had those.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::HeaderValue;

use super::route::Asked;
use crate::values::mark;

/// What the new mark of a credential has behind the old one.
const RENEWED: &str = "_renewed";

/// Which credential a request has.
pub(super) enum Has {
    /// The one that was given out last, or none at all; beside it the request as the routes know it.
    TheNew(Box<Asked>),
    /// One from before.
    TheOld,
}

/// A secret's new value.
pub(super) fn renewed(canary: &str) -> String {
    format!("{canary}{RENEWED}")
}

/// Reads a request after the credentials were renewed.
pub(super) fn read(asked: &Asked, canaries: &BTreeMap<String, String>) -> Has {
    let mut old = false;
    let mut put_back = |text: &str| {
        let mut out = text.to_owned();
        for canary in canaries.values() {
            out = out.replace(&renewed(mark(canary)), "\u{0}");
            old |= out.contains(mark(canary));
            out = out.replace('\u{0}', mark(canary));
        }
        out
    };
    let mut r = asked.clone();
    if let Ok(url) = put_back(asked.url.as_str()).parse() {
        r.url = url;
    }
    for value in r.headers.values_mut() {
        let Ok(text) = value.to_str() else { continue };
        let new = match text.strip_prefix("Basic ").and_then(decoded) {
            Some(pair) => format!("Basic {}", BASE64_STANDARD.encode(put_back(&pair))),
            None => put_back(text),
        };
        if let Ok(v) = HeaderValue::from_str(&new) {
            *value = v;
        }
    }
    if let Ok(text) = std::str::from_utf8(&asked.body) {
        r.body = put_back(text).into_bytes().into();
    }
    if old { Has::TheOld } else { Has::TheNew(Box::new(r)) }
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()
}
