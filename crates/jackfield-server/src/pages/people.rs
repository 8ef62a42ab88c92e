//! People: who may sign in, and what they may.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use jackfield_engine::people::{PersonChange, PersonInput};
use jackfield_store::people::{Person, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Page, Problem, Viewer, failed, failure, go, mark};
use crate::{AppState, auth::Fields, error::ApiError};

fn means(r: Role) -> &'static str {
    match r {
        Role::Viewer => "viewer: sees everything",
        Role::Member => "member: sees, and calls actions",
        Role::Admin => "admin: changes everything, people included",
    }
}

fn row(p: &Person, me: Option<Uuid>) -> Value {
    let mut doing =
        vec![json!({"verb": "invite", "label": if p.has_password { "Link for a new password" } else { "New link" }})];
    if Some(p.id) != me {
        doing.push(if p.disabled {
            json!({"verb": "enable", "label": "Enable"})
        } else {
            json!({"verb": "disable", "label": "Disable"})
        });
        doing.push(json!({"verb": "remove", "label": "Remove"}));
    }
    let mut row = json!(p);
    if let Some(row) = row.as_object_mut() {
        row.insert("doing".into(), json!(doing));
    }
    row
}

async fn page(s: &AppState, v: &Viewer, given: &Fields, mut problems: Vec<Problem>) -> Result<Page, ApiError> {
    let me = v.principal.who();
    let people: Vec<Value> = s.engine.store().people().await?.iter().map(|p| row(p, me)).collect();
    let roles: Vec<Value> = Role::ALL.iter().map(|r| json!({"value": r.as_str(), "label": means(*r)})).collect();
    let mut fields = vec![
        json!({"id": "email", "label": "E-mail", "type": "email", "required": true, "autocomplete": "off", "value": given.text("email")}),
        json!({"id": "name", "label": "Name", "autocomplete": "off", "value": given.text("name"), "help": "The address, if you leave it empty."}),
        json!({"id": "role", "label": "Role", "type": "select", "required": true, "options": roles, "value": given.get("role").unwrap_or("member")}),
    ];
    mark(&mut fields, &mut problems);
    Ok(Page::new("people.html", "People")
        .with(json!({"people": people, "roles": roles, "fields": fields}))
        .problems(problems))
}

async fn shown(s: &AppState, v: &Viewer, given: &Fields, problems: Vec<Problem>) -> Response {
    match page(s, v, given, problems).await {
        Ok(p) => p.show(s, Some(v)),
        Err(e) => failed(s, e),
    }
}

/// Wrong fields and conflicts stand above the list; anything else is a page of its own.
async fn wrong(s: &AppState, v: &Viewer, given: &Fields, e: impl Into<ApiError>) -> Response {
    let e = e.into();
    match e.status() {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => shown(s, v, given, Problem::all(&e)).await,
        _ => failed(s, e),
    }
}

/// The role of that name.
pub(crate) fn role_of(text: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|r| r.as_str() == text)
}

pub(super) async fn show(State(s): State<AppState>, v: Viewer) -> Response {
    shown(&s, &v, &Fields::default(), Vec::new()).await
}

pub(super) async fn add(State(s): State<AppState>, v: Viewer, form: Fields) -> Response {
    let Some(role) = role_of(form.text("role")) else {
        return failure(&s, StatusCode::BAD_REQUEST, "there is no such role");
    };
    let input =
        PersonInput { email: form.text("email").to_owned(), name: form.text("name").to_owned(), role, password: None };
    match s.engine.add_person(input).await {
        Ok(p) => link(&s, &v, &p).await,
        Err(e) => wrong(&s, &v, &form, e).await,
    }
}

/// A page with a person's new invitation.
async fn link(s: &AppState, v: &Viewer, p: &Person) -> Response {
    match s.engine.invite(Some(p.id)).await {
        Ok(code) => Page::new("once.html", "A link for them")
            .with(json!({"heading": format!("A link for {}", p.name),
                "text": format!("Give it to {} by a way that you trust. Whoever opens it first sets the password.", p.email),
                "secret": crate::api::setup_url(s, &code.code), "ends": code.expires_at, "back": "/people", "back_text": "Back to people"}))
            .show(s, Some(v)),
        Err(e) => failed(s, e),
    }
}

fn id(s: &AppState, text: &str) -> Result<Uuid, Box<Response>> {
    text.parse().map_err(|_| Box::new(failure(s, StatusCode::NOT_FOUND, "there is no such person")))
}

async fn change(s: &AppState, v: &Viewer, id_text: &str, change: PersonChange) -> Response {
    let id = match id(s, id_text) {
        Ok(id) => id,
        Err(r) => return *r,
    };
    match s.engine.change_person(id, change).await {
        Ok(_) => go("/people"),
        Err(e) => wrong(s, v, &Fields::default(), e).await,
    }
}

pub(super) async fn role(State(s): State<AppState>, v: Viewer, Path(id): Path<String>, form: Fields) -> Response {
    let Some(role) = role_of(form.text("role")) else {
        return failure(&s, StatusCode::BAD_REQUEST, "there is no such role");
    };
    change(&s, &v, &id, PersonChange { role: Some(role), ..PersonChange::default() }).await
}

pub(super) async fn disable(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    change(&s, &v, &id, PersonChange { disabled: Some(true), ..PersonChange::default() }).await
}

pub(super) async fn enable(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    change(&s, &v, &id, PersonChange { disabled: Some(false), ..PersonChange::default() }).await
}

pub(super) async fn invite(State(s): State<AppState>, v: Viewer, Path(id_text): Path<String>) -> Response {
    let id = match id(&s, &id_text) {
        Ok(id) => id,
        Err(r) => return *r,
    };
    match s.engine.store().person(id).await {
        Ok(p) => link(&s, &v, &p).await,
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn remove(State(s): State<AppState>, v: Viewer, Path(id_text): Path<String>) -> Response {
    let id = match id(&s, &id_text) {
        Ok(id) => id,
        Err(r) => return *r,
    };
    match s.engine.store().remove_person(id).await {
        Ok(()) => go("/people"),
        Err(e) => wrong(&s, &v, &Fields::default(), ApiError::from(e)).await,
    }
}
