//! Somebody's own account: sessions, tokens, password.

use axum::{
    extract::{Path, State},
    response::Response,
};
use connector_core::Secret;
use http::StatusCode;
use jackfield_engine::people::{MIN_PASSWORD, TokenInput};
use jackfield_store::people::Scope;
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Page, Problem, Viewer, failed, failure, go, mark};
use crate::{
    AppState,
    auth::{self, Fields},
    error::ApiError,
};

fn password_fields() -> Vec<Value> {
    vec![
        json!({"id": "current", "label": "Current password", "type": "password", "required": true, "autocomplete": "current-password"}),
        json!({"id": "password", "label": "New password", "type": "password", "required": true, "autocomplete": "new-password", "minlength": MIN_PASSWORD,
            "help": format!("At least {MIN_PASSWORD} characters. You are signed out everywhere else.")}),
    ]
}

async fn token_fields(s: &AppState, v: &Viewer, given: &Fields) -> Result<Vec<Value>, ApiError> {
    let means = |s: Scope| match s {
        Scope::Read => "read: see what is there and what happened",
        Scope::Act => "act: call actions, try runs again",
        Scope::Manage => "manage: change connections, apps, flows, people",
    };
    let scopes: Vec<_> = auth::SCOPES
        .into_iter()
        .filter(|s| v.principal.may(*s))
        .map(|s| json!({"value": s.as_str(), "label": means(s)}))
        .collect();
    let connections: Vec<_> =
        s.engine.store().connections().await?.into_iter().map(|c| json!({"value": c.id, "label": c.name})).collect();
    let chosen = |name: &str| given.all(name).map(str::to_owned).collect::<Vec<_>>();
    let days = given.get("days").unwrap_or("90");
    let mut fields = vec![
        json!({"id": "name", "label": "What it is for", "required": true, "maxlength": 100, "value": given.text("name")}),
        json!({"id": "scopes", "label": "It may", "type": "checks", "required": true, "options": scopes, "value": chosen("scopes")}),
        json!({"id": "days", "label": "It ends after", "type": "select", "required": true, "value": days, "options": [
            {"value": "7", "label": "a week"}, {"value": "30", "label": "30 days"}, {"value": "90", "label": "90 days"},
            {"value": "365", "label": "a year"}, {"value": "never", "label": "it does not end"}]}),
    ];
    if !connections.is_empty() {
        fields.push(json!({"id": "connections", "label": "Only with these connections", "type": "checks", "options": connections,
            "value": chosen("connections"), "help": "None chosen: all of them, those made later included."}));
    }
    Ok(fields)
}

async fn page(
    s: &AppState,
    v: &Viewer,
    given: &Fields,
    mut problems: Vec<Problem>,
    done: &str,
) -> Result<Page, ApiError> {
    let mine = v.browser.as_ref().map(|b| (b.person.id, b.session.handle));
    let me = mine.map(|(p, _)| p);
    let sessions = s.engine.sessions(&v.principal, me).await?;
    let sessions: Vec<Value> = sessions
        .into_iter()
        .map(|x| {
            json!({"handle": x.handle, "agent": browser_name(&x.agent), "from": x.from, "seen_at": x.seen_at, "current": mine.is_some_and(|(_, h)| h == x.handle)})
        })
        .collect();
    let mut tokens = s.engine.api_tokens(&v.principal).await?;
    tokens.retain(|t| t.person == me);
    let (mut passwords, mut fields) = (password_fields(), token_fields(s, v, given).await?);
    mark(&mut passwords, &mut problems);
    mark(&mut fields, &mut problems);
    Ok(Page::new("account.html", "Account")
        .with(json!({"sessions": sessions, "tokens": tokens, "token_fields": fields, "password_fields": passwords, "done": done}))
        .problems(problems))
}

/// A browser's name as people know it, out of what it says of itself; else what it says.
fn browser_name(agent: &str) -> String {
    let system = ["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"].into_iter().find(|s| agent.contains(s));
    // Each claims to be those behind it.
    let browser =
        [("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
            .into_iter()
            .find(|(mark, _)| agent.contains(mark));
    match (browser, system) {
        (Some((_, b)), Some(s)) => format!("{b} on {s}"),
        (Some((_, b)), None) => b.to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

async fn shown(s: &AppState, v: &Viewer, given: &Fields, problems: Vec<Problem>, done: &str) -> Response {
    match page(s, v, given, problems, done).await {
        Ok(p) => p.show(s, Some(v)),
        Err(e) => failed(s, e),
    }
}

/// What a form gave wrong, or what else went wrong.
async fn wrong(s: &AppState, v: &Viewer, given: &Fields, e: impl Into<ApiError>) -> Response {
    let e = e.into();
    if e.fields().is_empty() { failed(s, e) } else { shown(s, v, given, Problem::all(&e), "").await }
}

pub(super) async fn show(State(s): State<AppState>, v: Viewer) -> Response {
    shown(&s, &v, &Fields::default(), Vec::new(), "").await
}

pub(super) async fn password(State(s): State<AppState>, v: Viewer, form: Fields) -> Response {
    let Some(b) = v.browser.clone() else { return go("/login") };
    let (current, new) = (Secret::from(form.text("current")), Secret::from(form.text("password")));
    match s.engine.change_password(b.person.id, current, new, Some(b.session.handle)).await {
        Ok(()) => {
            let done = "Your password is changed, and you are signed out everywhere else.";
            shown(&s, &v, &Fields::default(), Vec::new(), done).await
        }
        Err(e) => wrong(&s, &v, &Fields::default(), e).await,
    }
}

pub(super) async fn end_session(State(s): State<AppState>, v: Viewer, Path(handle): Path<String>) -> Response {
    let Ok(handle) = handle.parse::<Uuid>() else {
        return failure(&s, StatusCode::NOT_FOUND, "there is no such session");
    };
    match s.engine.end_session(&v.principal, handle).await {
        Ok(()) => go("/account#sessions"),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn end_all(State(s): State<AppState>, v: Viewer) -> Response {
    let Some(b) = v.browser.clone() else { return go("/login") };
    match s.engine.end_sessions(&v.principal, b.person.id).await {
        Ok(_) => go("/login"),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn make_token(State(s): State<AppState>, v: Viewer, form: Fields) -> Response {
    let scopes = auth::SCOPES.into_iter().filter(|s| form.all("scopes").any(|g| g == s.as_str())).collect();
    let connections: Vec<String> = form.all("connections").filter(|c| !c.is_empty()).map(str::to_owned).collect();
    let days: Option<i64> = form.text("days").parse().ok().filter(|d| (1..=3650).contains(d));
    let expires_at = days.and_then(|d| s.engine.now().checked_add(SignedDuration::from_hours(24 * d)).ok());
    let input = TokenInput {
        name: form.text("name").to_owned(),
        scopes,
        connections: (!connections.is_empty()).then_some(connections),
        expires_at,
    };
    match s.engine.make_token(&v.principal, input).await {
        Ok((t, secret)) => Page::new("once.html", "Your new token")
            .with(json!({"heading": format!("The token “{}”", t.name), "text": "Put it where the program finds it, and nowhere else.",
                "secret": secret.expose_str(), "ends": t.expires_at, "back": "/account#tokens", "back_text": "Back to your account"}))
            .show(&s, Some(&v)),
        Err(e) => wrong(&s, &v, &form, e).await,
    }
}

pub(super) async fn revoke_token(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<Uuid>() else { return failure(&s, StatusCode::NOT_FOUND, "there is no such token") };
    match s.engine.revoke_token(&v.principal, id).await {
        Ok(_) => go("/account#tokens"),
        Err(e) => failed(&s, e),
    }
}
