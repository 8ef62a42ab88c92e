//! A browser's session: its cookie, the token of its forms, and where a request comes from.

use base64::Engine as _;
use connector_core::Secret;
use http::{HeaderMap, HeaderValue, header};
use jackfield_engine::people::SESSION_LASTS;
use jackfield_store::people::{Person, Session};
use ring::hmac;

use super::Hosts;
use crate::AppState;

/// The field of a form that holds the session's token.
pub(crate) const CSRF_FIELD: &str = "csrf";
/// The header that may hold it instead.
pub(crate) const CSRF_HEADER: &str = "x-csrf-token";

/// A browser that is signed in.
pub(crate) struct Browser {
    pub(crate) session: Session,
    pub(crate) person: Person,
    /// The token of its forms.
    pub(crate) csrf: String,
}

/// Under https the name's prefix has browsers refuse a cookie that another host or an insecure page tries to set.
fn cookie_name(s: &AppState) -> &'static str {
    if s.hosts.is_https() { "__Host-jackfield" } else { "jackfield" }
}

/// The id of the session that the browser shows.
pub(super) fn session_id<'a>(s: &AppState, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = cookie_name(s);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(n, v)| (n == name && !v.is_empty()).then_some(v))
}

/// The header that gives a browser its session.
pub(crate) fn cookie(s: &AppState, id: &Secret) -> Option<HeaderValue> {
    set(s, id.expose_str()?, SESSION_LASTS.as_secs())
}

/// The header that takes it away.
pub(crate) fn no_cookie(s: &AppState) -> Option<HeaderValue> {
    set(s, "", 0)
}

fn set(s: &AppState, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if s.hosts.is_https() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}", cookie_name(s));
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The token of a session's forms. It follows from the session's id, which only the browser has, and does not give it away.
pub(super) fn csrf(id: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, id.as_bytes());
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"jackfield: token of forms"))
}

/// Whether a browser says that a writing request comes from a page of ours. All browsers of the last years say so by one of
/// these headers; where both are there, both must.
pub(super) fn same_origin(hosts: &Hosts, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or_default());
    let (site, origin) = (text("sec-fetch-site"), text("origin"));
    if site.is_none() && origin.is_none() {
        return Err("the browser does not say which page the form came from; use a newer one");
    }
    if site.is_some_and(|s| s != "same-origin") {
        return Err("the form came from another site");
    }
    if let Some(o) = origin
        && !hosts.is_own_origin(o, text("host"))
    {
        return Err(
            "the form came from another site; if the gateway has another address than its `public_url`, set that",
        );
    }
    Ok(())
}
