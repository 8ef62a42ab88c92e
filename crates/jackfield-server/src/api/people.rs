//! People, their invitations and sessions.

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use connector_core::Secret;
use http::StatusCode;
use jackfield_engine::people::{Code, PersonChange, PersonInput};
use jackfield_store::people::{Person, Role, Session};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, resources::Done, setup_url, uuid};
use crate::{
    AppState,
    auth::Caller,
    error::{ApiError, Json},
};

/// What a person may do: `viewer` sees, `member` calls actions too, `admin` changes everything.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleName {
    /// See.
    Viewer,
    /// See, and call actions.
    Member,
    /// Everything.
    Admin,
}

impl From<RoleName> for Role {
    fn from(r: RoleName) -> Self {
        match r {
            RoleName::Viewer => Self::Viewer,
            RoleName::Member => Self::Member,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl From<Role> for RoleName {
    fn from(r: Role) -> Self {
        match r {
            Role::Viewer => Self::Viewer,
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
        }
    }
}

/// Somebody who signs in with a browser.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonView {
    /// Its id.
    id: Uuid,
    /// The e-mail address, by which the person signs in.
    email: String,
    /// What others call the person.
    name: String,
    /// What the person may do.
    role: RoleName,
    /// Whether the person is kept out.
    disabled: bool,
    /// Whether a password is set; without one, an invitation is needed.
    has_password: bool,
    /// When the person was added.
    created_at: Timestamp,
    /// When the person was last changed.
    updated_at: Timestamp,
    /// When the person signed in last.
    signed_in_at: Option<Timestamp>,
}

impl From<Person> for PersonView {
    fn from(p: Person) -> Self {
        Self {
            id: p.id,
            email: p.email,
            name: p.name,
            role: p.role.into(),
            disabled: p.disabled,
            has_password: p.has_password,
            created_at: p.created_at,
            updated_at: p.updated_at,
            signed_in_at: p.signed_in_at,
        }
    }
}

/// A one-time address by which a password is set.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// The address. It is shown once; whoever opens it first sets the password.
    url: String,
    /// When it ends.
    expires_at: Timestamp,
}

impl InvitationView {
    fn new(s: &AppState, c: &Code) -> Self {
        Self { url: setup_url(s, &c.code), expires_at: c.expires_at }
    }
}

/// A person to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonBody {
    /// The e-mail address.
    email: String,
    /// What others call the person; the address if none is given.
    #[serde(default)]
    name: String,
    /// What the person may do.
    role: RoleName,
    /// A password, 10 characters to 1024 bytes. Left out: the answer holds an invitation.
    #[serde(default)]
    password: Option<String>,
}

/// A person who was added.
#[derive(Serialize, ToSchema)]
pub(super) struct Added {
    /// The person.
    person: PersonView,
    /// How to set a password, if none was given.
    invitation: Option<InvitationView>,
}

/// What is to be changed of a person; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonPatch {
    /// The e-mail address.
    #[serde(default)]
    email: Option<String>,
    /// The name.
    #[serde(default)]
    name: Option<String>,
    /// The role.
    #[serde(default)]
    role: Option<RoleName>,
    /// Whether the person is kept out; signs the person out.
    #[serde(default)]
    disabled: Option<bool>,
}

/// Lists the people, by e-mail address.
#[utoipa::path(get, path = "/v1/people", tag = "people", responses((status = 200, body = Vec<PersonView>)))]
pub(super) async fn list(State(s): State<AppState>) -> Answer<Vec<PersonView>> {
    Ok(axum::Json(s.engine.store().people().await?.into_iter().map(PersonView::from).collect()))
}

/// Adds a person.
#[utoipa::path(post, path = "/v1/people", tag = "people", request_body = PersonBody, responses((status = 200, body = Added)))]
pub(super) async fn add(State(s): State<AppState>, Json(b): Json<PersonBody>) -> Answer<Added> {
    let with_password = b.password.is_some();
    let password = b.password.map(Secret::from);
    let input = PersonInput { email: b.email, name: b.name, role: b.role.into(), password };
    let person = s.engine.add_person(input).await?;
    let invitation = match with_password {
        true => None,
        false => Some(InvitationView::new(&s, &s.engine.invite(Some(person.id)).await?)),
    };
    Ok(axum::Json(Added { person: person.into(), invitation }))
}

/// Makes a one-time address for the first administrator, while nobody is there yet.
#[utoipa::path(post, path = "/v1/people/setup", tag = "people", responses((status = 200, body = InvitationView)))]
pub(super) async fn set_up(State(s): State<AppState>) -> Answer<InvitationView> {
    Ok(axum::Json(InvitationView::new(&s, &s.engine.invite(None).await?)))
}

/// Shows a person.
#[utoipa::path(get, path = "/v1/people/{id}", tag = "people", params(("id" = Uuid, Path, description = "The person's id.")), responses((status = 200, body = PersonView)))]
pub(super) async fn show(State(s): State<AppState>, Path(id): Path<String>) -> Answer<PersonView> {
    Ok(axum::Json(s.engine.store().person(uuid(&id)?).await?.into()))
}

/// Changes a person: address, name, role, or whether the person is kept out.
#[utoipa::path(patch, path = "/v1/people/{id}", tag = "people", params(("id" = Uuid, Path, description = "The person's id.")), request_body = PersonPatch, responses((status = 200, body = PersonView)))]
pub(super) async fn change(
    State(s): State<AppState>,
    Path(id): Path<String>,
    Json(b): Json<PersonPatch>,
) -> Answer<PersonView> {
    let change = PersonChange { email: b.email, name: b.name, role: b.role.map(Role::from), disabled: b.disabled };
    Ok(axum::Json(s.engine.change_person(uuid(&id)?, change).await?.into()))
}

/// Removes a person with sessions and tokens. The last administrator who can sign in stays.
#[utoipa::path(delete, path = "/v1/people/{id}", tag = "people", params(("id" = Uuid, Path, description = "The person's id.")), responses((status = 200, body = Done)))]
pub(super) async fn remove(State(s): State<AppState>, Path(id): Path<String>) -> Answer<Done> {
    s.engine.store().remove_person(uuid(&id)?).await?;
    Ok(axum::Json(Done { id }))
}

/// Makes a one-time address by which a person sets a password, for the first time or a new one. One made before is no longer good.
#[utoipa::path(post, path = "/v1/people/{id}/invite", tag = "people", params(("id" = Uuid, Path, description = "The person's id.")), responses((status = 200, body = InvitationView)))]
pub(super) async fn invite(State(s): State<AppState>, Path(id): Path<String>) -> Answer<InvitationView> {
    Ok(axum::Json(InvitationView::new(&s, &s.engine.invite(Some(uuid(&id)?)).await?)))
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
pub(super) struct Ended {
    /// So many.
    ended: u64,
}

/// Signs a person out everywhere: oneself, or with `manage` anybody.
#[utoipa::path(delete, path = "/v1/people/{id}/sessions", tag = "people", params(("id" = Uuid, Path, description = "The person's id.")), responses((status = 200, body = Ended)))]
pub(super) async fn sign_out(State(s): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer<Ended> {
    Ok(axum::Json(Ended { ended: s.engine.end_sessions(&caller.principal, uuid(&id)?).await? }))
}

/// A browser that is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// What ends it: `DELETE /v1/sessions/{id}`.
    id: Uuid,
    /// Who is signed in.
    person: Uuid,
    /// When.
    created_at: Timestamp,
    /// When it was last used, to a minute.
    seen_at: Timestamp,
    /// The network address that it was made from.
    from: String,
    /// What the browser said it is.
    agent: String,
}

impl From<Session> for SessionView {
    fn from(x: Session) -> Self {
        Self {
            id: x.handle,
            person: x.person,
            created_at: x.created_at,
            seen_at: x.seen_at,
            from: x.from,
            agent: x.agent,
        }
    }
}

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SessionQuery {
    /// Only this person.
    person: Option<Uuid>,
}

/// Lists the browsers that are signed in, last used first: one's own, or with `manage` everybody's.
#[utoipa::path(get, path = "/v1/sessions", tag = "people", params(SessionQuery), responses((status = 200, body = Vec<SessionView>)))]
pub(super) async fn sessions(
    State(s): State<AppState>,
    caller: Caller,
    query: Result<Query<SessionQuery>, QueryRejection>,
) -> Answer<Vec<SessionView>> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let list = s.engine.sessions(&caller.principal, q.person).await?;
    Ok(axum::Json(list.into_iter().map(SessionView::from).collect()))
}

/// Signs a browser out: one's own, or with `manage` anybody's.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "people", params(("id" = Uuid, Path, description = "The session's id.")), responses((status = 200, body = Done)))]
pub(super) async fn end_session(State(s): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer<Done> {
    s.engine.end_session(&caller.principal, uuid(&id)?).await?;
    Ok(axum::Json(Done { id }))
}
