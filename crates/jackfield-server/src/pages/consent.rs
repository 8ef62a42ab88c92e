//! Consent in a browser: on to the service, and back. Whoever comes here holds a ticket, or the cookie of the browser that was
//! sent; nobody needs to be signed in.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jackfield_engine::{Callback, ConsentStart};
use serde_json::json;

use super::{Page, failed, failure, go};
use crate::{AppState, auth::Caller};

/// A consent is waited for so long, in seconds.
const LASTS: u32 = 30 * 60;

fn cookie_name(s: &AppState) -> &'static str {
    if s.hosts.is_https() { "__Host-jackfield-consent" } else { "jackfield-consent" }
}

fn cookie(s: &AppState, value: &str, seconds: u32) -> Option<HeaderValue> {
    let secure = if s.hosts.is_https() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}", cookie_name(s));
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn held<'a>(s: &AppState, headers: &'a HeaderMap) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    pairs.filter_map(|p| p.trim().split_once('=')).find(|(n, _)| *n == cookie_name(s)).map(|(_, v)| v)
}

/// A page that sends the browser on. No redirect: browsers hold all redirects that answer a form against the form's page,
/// those of the service to its own login included.
pub(super) fn lead_on(s: &AppState, caller: Option<&Caller>, start: &ConsentStart) -> Response {
    let mut r = Page::new("leaving.html", "On to the service").with(json!({"url": start.url})).show(s, caller);
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={}", start.url)) {
        r.headers_mut().insert("refresh", refresh);
    }
    if let Some(c) = start.browser.expose_str().and_then(|b| cookie(s, b, LASTS)) {
        r.headers_mut().append(header::SET_COOKIE, c);
    }
    // The service must not learn the address of an installation.
    r.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    r
}

pub(super) async fn ticket(State(s): State<AppState>, caller: Caller, Path(ticket): Path<String>) -> Response {
    match s.engine.ticket(&ticket).await {
        Ok(p) => Page::new("consent.html", &format!("Connect {}", p.connector_name))
            .with(json!({"p": p, "ticket": ticket, "public": s.config.public_url}))
            .show(&s, Some(&caller)),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn begin(State(s): State<AppState>, caller: Caller, Path(ticket): Path<String>) -> Response {
    let id = match s.engine.ticket(&ticket).await {
        Ok(p) => p.id,
        Err(e) => return failed(&s, e),
    };
    match s.engine.begin_consent(id).await {
        Ok(start) => lead_on(&s, Some(&caller), &start),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn callback(
    State(s): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    callback: Result<Query<Callback>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(callback)) = callback else {
        return failure(&s, StatusCode::BAD_REQUEST, "what the service sent back cannot be read; begin again");
    };
    let done = s.engine.consent_callback(callback, held(&s, &headers)).await;
    let mut r = match done {
        Ok(id) if caller.browser.is_some() => go(&format!("/connect/{id}")),
        Ok(id) => match s.engine.installation(id).await {
            Ok(p) => Page::new("came_back.html", "Back from the service").with(json!({"p": p})).show(&s, None),
            Err(e) => failed(&s, e),
        },
        Err(e) => return failed(&s, e),
    };
    if let Some(c) = cookie(&s, "", 0) {
        r.headers_mut().append(header::SET_COOKIE, c);
    }
    r
}
