//! One connection: how it is, what hangs on it, its webhooks at the service, and what can be done with it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use jackfield_store::{Owner, people::Scope};
use serde_json::{Value, json};

use super::{Page, Viewer, failed, go, overview};
use crate::{AppState, auth::Fields, error::ApiError};

/// The flows that a connection's events start, or that call it.
async fn affected(s: &AppState, id: &str) -> Result<Vec<Value>, ApiError> {
    let mut out = Vec::new();
    for f in s.engine.store().flows().await? {
        let is = |v: Option<&Value>| v.and_then(Value::as_str) == Some(id);
        let calls = f.definition.get("do").and_then(Value::as_array).into_iter().flatten();
        let calls = calls.filter(|st| is(st.get("connection"))).count() > 0;
        let starts = is(f.definition.pointer("/on/connection"));
        if calls || starts {
            out.push(json!({"id": f.id, "name": f.name, "enabled": f.enabled, "calls": calls, "starts": starts}));
        }
    }
    Ok(out)
}

async fn page(s: &AppState, v: &Viewer, id: &str, found: Value) -> Result<Page, ApiError> {
    let current = s.engine.connection(id).await?;
    let c = current.connection;
    let token = s.engine.store().token(id).await.map_err(ApiError::from)?.map(|t| t.status);
    let health = s.engine.connection_health(id, None).await?.summary;
    let (tone, word, why) = match &current.outdated {
        Some(e) => ("bad", "must be filled in again", e.caller_text().to_owned()),
        None => overview::state(&health),
    };
    let connector = s.engine.registry().get(&c.connector).ok();
    let takes = connector.as_ref().is_some_and(|k| k.webhook().is_some());
    let url = takes.then(|| format!("{}/webhooks/{}/{}", s.config.public_url, c.connector, c.id));
    let method = c.auth.as_deref().and_then(|m| connector.as_ref()?.auth_method(m).map(|m| m.label.clone()));
    let secrets = s.engine.store().secret_names(&Owner::Connection(c.id.clone())).await?;
    let values: Vec<Value> = c
        .values
        .iter()
        .map(|(k, v)| json!({"name": k, "value": v.as_str().map_or_else(|| v.to_string(), str::to_owned)}))
        .collect();
    Ok(Page::new("connection.html", &c.name.clone())
        .with(json!({
            "c": c, "service": connector.as_ref().map(|k| k.info().name.clone()), "method": method, "tone": tone, "state": word,
            "why": why, "health": health, "token": token, "url": url, "secrets": secrets, "values": values,
            "flows": affected(s, id).await?, "hooks": s.engine.connection_hooks(id).await?,
            "manages": v.principal.may(Scope::Manage), "acts": v.principal.may(Scope::Act),
        }))
        .with(found))
}

pub(super) async fn show(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    match page(&s, &v, &id, json!({})).await {
        Ok(page) => page.show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn check(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    let found = match s.engine.check_connection(&id).await {
        Ok(found) => found,
        Err(e) => return failed(&s, e),
    };
    let errors: Vec<String> = found
        .errors
        .iter()
        .map(|e| format!("{} {}", e.pointer.trim_start_matches('/'), e.message).trim().to_owned())
        .collect();
    let checked = json!({"checked": {"ok": errors.is_empty(), "errors": errors, "account": found.account}});
    match page(&s, &v, &id, checked).await {
        Ok(page) => page.show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn update(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    match s.engine.begin_update(&id, Some(v.principal.name.clone())).await {
        Ok(p) => go(&format!("/connect/{}", p.id)),
        Err(e) => failed(&s, e),
    }
}

/// Switches it on. What the gateway itself switched off is checked first.
pub(super) async fn enable(State(s): State<AppState>, Path(id): Path<String>) -> Response {
    match s.engine.enable_when_well(&id).await {
        Ok(c) => go(&format!("/connections/{}", c.id)),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn disable(State(s): State<AppState>, Path(id): Path<String>) -> Response {
    match s.engine.enable_connection(&id, false).await {
        Ok(c) => go(&format!("/connections/{}", c.id)),
        Err(e) => failed(&s, e),
    }
}

async fn confirmation(s: &AppState, id: &str) -> Result<Page, ApiError> {
    let c = s.engine.store().connection(id).await?;
    let hooks = s.engine.connection_hooks(id).await?;
    let has_tokens = s.engine.store().token(id).await.map_err(ApiError::from)?.is_some();
    Ok(Page::new("remove.html", &format!("Remove {}", c.name))
        .with(json!({"c": c, "hooks": hooks, "has_tokens": has_tokens, "flows": affected(s, id).await?})))
}

pub(super) async fn ask_removal(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    match confirmation(&s, &id).await {
        Ok(page) => page.show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn remove(State(s): State<AppState>, v: Viewer, Path(id): Path<String>, form: Fields) -> Response {
    match s.engine.remove_connection(&id, form.get("keep_remote").is_some()).await {
        Ok(r) => Page::new("removed.html", "Removed")
            .with(json!({"removed": r, "what": format!("The connection {id}")}))
            .show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}
