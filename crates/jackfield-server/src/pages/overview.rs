//! The overview: connections with how they are, and what to do next.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use jackfield_engine::health::ConnectionHealth;
use jackfield_store::{Filter, HealthState, RunState, people::Scope};
use serde_json::{Value, json};

use super::{Page, failed, to_login};
use crate::{AppState, auth::Caller, error::ApiError};

pub(super) async fn show(State(s): State<AppState>, caller: Caller, headers: HeaderMap, uri: http::Uri) -> Response {
    if caller.browser.is_none() {
        let html =
            headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).any(|v| v.contains("text/html"));
        return if html { to_login(&uri) } else { crate::front().into_response() };
    }
    match page(&s, &caller).await {
        Ok(page) => page.show(&s, Some(&caller)),
        Err(e) => failed(&s, e),
    }
}

/// How a connection is: tone, word, and why.
pub(super) fn state(h: &ConnectionHealth) -> (&'static str, &'static str, String) {
    if !h.enabled {
        let why = h.disabled_because.as_ref().map(|b| b.text.clone());
        return ("warn", "switched off", why.unwrap_or_default());
    }
    let lost = |word: &'static str| ("bad", word, h.auth.as_ref().and_then(|a| a.reason.clone()).unwrap_or_default());
    let why = || h.reason.clone().unwrap_or_default();
    match (h.auth.as_ref().map(|a| a.state), h.state) {
        (Some("needs_reauth"), _) => lost("needs to be connected again"),
        (Some("revoked"), _) => lost("access was revoked"),
        (Some("misconfigured"), _) => lost("misconfigured"),
        (_, HealthState::Failing) => ("bad", "failing", why()),
        (_, HealthState::Degraded) => ("warn", "degraded", why()),
        (_, HealthState::Disabled) => ("warn", "switched off", why()),
        (_, HealthState::Healthy) => ("good", "healthy", String::new()),
        (_, HealthState::Unknown) => ("good", "on, not checked yet", String::new()),
    }
}

async fn page(s: &AppState, caller: &Caller) -> Result<Page, ApiError> {
    let store = s.engine.store();
    let connections = store.connections().await?;
    let health = s.engine.health().await?;
    let manages = caller.principal.may(Scope::Manage);
    let mut todo: Vec<Value> = Vec::new();
    let mut rows = Vec::new();
    for c in &connections {
        let Some(h) = health.iter().find(|h| h.id == c.id) else { continue };
        let (tone, word, why) = state(h);
        let service =
            s.engine.registry().get(&c.connector).map_or_else(|_| c.connector.clone(), |k| k.info().name.clone());
        if tone == "bad" {
            todo.push(json!({"title": format!("{} {word}", c.name), "href": format!("/connections/{}", c.id), "text": "Its flows and actions fail until this is mended."}));
        }
        rows.push(json!({"id": c.id, "name": c.name, "service": service, "account": c.account, "tone": tone, "state": word, "why": why}));
    }
    if connections.is_empty() && manages {
        todo.push(json!({"title": "Connect a service", "text": "A connection is one account at a service. Make the first one here, or with", "command": "jackfield connect", "href": "/connect"}));
    }
    let parked = Filter { state: Some(RunState::Parked), limit: 1, ..Filter::default() };
    if !store.runs(parked).await?.is_empty() {
        todo.push(json!({"title": "Runs are parked", "text": "It is not known whether their call was done. Look at the service, then settle them:", "command": "jackfield runs list --state parked"}));
    }
    if !connections.is_empty() && manages && store.flows().await?.is_empty() {
        todo.push(json!({"title": "Write a flow", "text": "A flow says on which events what is done. See", "command": "jackfield flows put --help"}));
    }
    Ok(Page::new("overview.html", "Overview").with(json!({"connections": rows, "todo": todo})))
}
