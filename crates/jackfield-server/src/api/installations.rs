//! Installations: connections made and changed step by step; what is there at the service; what to register there.

use axum::extract::{Path, Query, State};
use connector_core::FieldError;
use jackfield_engine::{AppGuide, Begin, HookView, Left, Progress, Removed, StepInput};
use jackfield_store::setup::SetupStep;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Answer;
use crate::{
    AppState,
    auth::Caller,
    error::{ApiError, Json},
};

/// What an installation begins with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginBody {
    /// The connector's id, for a new connection.
    #[serde(default)]
    connector: Option<String>,
    /// The connection that is to be changed, in place of `connector`.
    #[serde(default)]
    update: Option<String>,
    /// The id that the connection is to have.
    #[serde(default)]
    id: Option<String>,
    /// What people call it; the id if none is given.
    #[serde(default)]
    name: Option<String>,
    /// The app that it belongs to.
    #[serde(default)]
    app: Option<String>,
    /// The auth method.
    #[serde(default)]
    method: Option<String>,
    /// Internal networks that its calls may reach beside those that are open to all.
    #[serde(default)]
    networks: Vec<String>,
    /// Limits of its calls beside the service's own, such as `100/min`.
    #[serde(default)]
    limits: Vec<String>,
}

/// An installation, in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct InstallationItem {
    /// Its id.
    id: Uuid,
    /// The connector's id.
    connector: String,
    /// The connection's id; empty until it was chosen.
    connection: String,
    /// Whether it changes a connection that is there.
    update: bool,
    /// The step that is due.
    step: &'static str,
    /// Who began it; none: the operator's own token.
    started_by: Option<String>,
    /// When it was begun.
    created_at: Timestamp,
    /// When it is forgotten, unless it is done before.
    expires_at: Timestamp,
}

/// Where an installation stands, and what its next step asks.
#[derive(Serialize, ToSchema)]
pub(super) struct InstallationView {
    /// Its id.
    id: Uuid,
    /// The connector's id.
    connector: String,
    /// What people call the connector.
    connector_name: String,
    /// The connection's id; empty until it was chosen.
    connection: String,
    /// What people call it.
    name: String,
    /// Whether it changes a connection that is there.
    update: bool,
    /// The app.
    app: Option<String>,
    /// The auth method.
    method: Option<String>,
    /// The step that is due: `choose`, `parameters`, `consent`, `site`, `validate`, `resources`, `webhooks` or `done`.
    step: &'static str,
    /// All its steps, with `title`, `done` and `current`.
    #[schema(value_type = Vec<Object>)]
    steps: Value,
    /// What the step asks for: groups of fields with label, help, control, options, value and error. Never a secret's value.
    #[schema(value_type = Object)]
    form: Value,
    /// What the step lets choose several of.
    #[schema(value_type = Vec<Object>)]
    choices: Value,
    /// What was wrong when the step was last tried, by field; an empty pointer is about the whole.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<FieldError>,
    /// The least scopes for what it will be used for.
    scopes: Vec<String>,
    /// Those of them that the service did not grant, where it says.
    missing_scopes: Vec<String>,
    /// What a person does at the service, in the step `consent`: `kind` is `browser` or `device`.
    #[schema(value_type = Option<Object>)]
    consent: Value,
    /// Webhooks at the service.
    hooks: Vec<HookItem>,
    /// Texts that a person puts into pages of the service, with `label` and `place`.
    #[schema(value_type = Vec<Object>)]
    paste: Value,
    /// What people recognize the account by.
    account: Option<String>,
    /// Who it is at the service.
    identity: std::collections::BTreeMap<String, String>,
    /// Who began it; none: the operator's own token.
    started_by: Option<String>,
    /// When it was begun.
    created_at: Timestamp,
    /// When it is forgotten, unless it is done before.
    expires_at: Timestamp,
}

impl From<Progress> for InstallationView {
    fn from(p: Progress) -> Self {
        Self {
            id: p.id,
            connector: p.connector,
            connector_name: p.connector_name,
            connection: p.connection,
            name: p.name,
            update: p.update,
            app: p.app,
            method: p.method,
            step: p.step.as_str(),
            steps: json!(p.steps),
            form: json!(p.form),
            choices: json!(p.choices),
            errors: p.errors,
            scopes: p.scopes,
            missing_scopes: p.missing_scopes,
            consent: json!(p.consent),
            hooks: p.hooks.into_iter().map(HookItem::from).collect(),
            paste: json!(p.paste),
            account: p.account,
            identity: p.identity,
            started_by: p.started_by,
            created_at: p.created_at,
            expires_at: p.expires_at,
        }
    }
}

/// A webhook of a connection at its service.
#[derive(Serialize, ToSchema)]
pub(super) struct HookItem {
    /// What sends its events.
    resource: String,
    /// `installing`, `installed`, `removing` or `failed`.
    state: &'static str,
    /// Why it failed.
    error: Option<String>,
    /// The triggers whose events it sends.
    triggers: Vec<String>,
    /// Since when it is so.
    at: Timestamp,
}

impl From<HookView> for HookItem {
    fn from(h: HookView) -> Self {
        Self { resource: h.resource, state: h.state, error: h.error, triggers: h.triggers, at: h.at }
    }
}

/// What removing did, and what it could not undo.
#[derive(Serialize, ToSchema)]
pub(super) struct RemovedView {
    /// What was removed.
    id: String,
    /// The resources whose webhooks were removed at the service.
    webhooks: Vec<String>,
    /// Whether its tokens were taken back at the service.
    tokens_revoked: bool,
    /// What is still there at the service.
    left: Vec<LeftItem>,
}

/// Something at the service that could not be undone.
#[derive(Serialize, ToSchema)]
pub(super) struct LeftItem {
    /// What is still there.
    what: String,
    /// Why.
    why: String,
    /// What a person can do about it.
    mend: String,
}

impl From<Removed> for RemovedView {
    fn from(r: Removed) -> Self {
        let left = r.left.into_iter().map(|Left { what, why, mend }| LeftItem { what, why, mend }).collect();
        Self { id: r.id, webhooks: r.webhooks, tokens_revoked: r.tokens_revoked, left }
    }
}

/// How an app of a connector is registered at its service.
#[derive(Serialize, ToSchema)]
pub(super) struct GuideView {
    /// The connector's id.
    connector: String,
    /// What people call it.
    name: String,
    /// The vendor's documentation.
    docs_url: String,
    /// Whether the connector has apps at all.
    has_apps: bool,
    /// What to do, in order: `title`, `text`, and `paste` where a text goes into the service's page.
    #[schema(value_type = Vec<Object>)]
    lines: Value,
    /// The params that an app has here.
    #[schema(value_type = Vec<Object>)]
    params: Value,
    /// The scopes that everything together needs.
    scopes: Vec<String>,
}

impl From<AppGuide> for GuideView {
    fn from(g: AppGuide) -> Self {
        Self {
            connector: g.connector,
            name: g.name,
            docs_url: g.docs_url,
            has_apps: g.has_apps,
            lines: json!(g.lines),
            params: json!(g.params),
            scopes: g.scopes,
        }
    }
}

/// Where a person begins the consent.
#[derive(Serialize, ToSchema)]
pub(super) struct AddressView {
    /// To be opened in a browser, once. Whoever has it can begin this consent, so show it to nobody else.
    address: String,
}

/// How a connection is removed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RemoveQuery {
    /// Leave what is at the service as it is: webhooks and tokens.
    #[serde(default)]
    keep_remote: bool,
}

fn view(p: Progress) -> axum::Json<InstallationView> {
    axum::Json(p.into())
}

/// Lists the installations under way, newest first.
#[utoipa::path(get, path = "/v1/installations", tag = "installations", responses((status = 200, body = Vec<InstallationItem>)))]
pub(super) async fn list(State(s): State<AppState>) -> Answer<Vec<InstallationItem>> {
    let all = s.engine.installations().await?;
    let item = |i: jackfield_store::setup::Installation| InstallationItem {
        id: i.id,
        connector: i.connector,
        connection: i.connection,
        update: i.update,
        step: i.step.as_str(),
        started_by: i.started_by,
        created_at: i.created_at,
        expires_at: i.expires_at,
    };
    Ok(axum::Json(all.into_iter().map(item).collect()))
}

/// Begins an installation: of a new connection, or of a change of one, which works on a copy until that was checked.
#[utoipa::path(post, path = "/v1/installations", tag = "installations", request_body = BeginBody, responses((status = 200, body = InstallationView)))]
pub(super) async fn begin(
    State(s): State<AppState>,
    caller: Caller,
    Json(b): Json<BeginBody>,
) -> Answer<InstallationView> {
    let by = Some(caller.principal.name).filter(|n| !n.is_empty());
    let progress = match (b.connector, b.update) {
        (Some(connector), None) => {
            let begin = Begin {
                connector,
                id: b.id,
                name: b.name,
                app: b.app,
                method: b.method,
                networks: b.networks,
                limits: b.limits,
            };
            s.engine.begin_installation(begin, by).await?
        }
        (None, Some(connection)) => s.engine.begin_update(&connection, by).await?,
        _ => {
            let text = "either `connector` or `update` must be given";
            return Err(connector_core::Error::invalid_field("/connector", text).into());
        }
    };
    Ok(view(progress))
}

/// Shows where an installation stands, and what its next step asks.
#[utoipa::path(get, path = "/v1/installations/{id}", tag = "installations", params(("id" = Uuid, Path, description = "The installation's id.")), responses((status = 200, body = InstallationView)))]
pub(super) async fn show(State(s): State<AppState>, Path(id): Path<Uuid>) -> Answer<InstallationView> {
    Ok(view(s.engine.installation(id).await?))
}

/// Takes a step with the fields of its form. One that lies behind may be taken again until the connection is saved.
#[utoipa::path(post, path = "/v1/installations/{id}/steps/{step}", tag = "installations", params(("id" = Uuid, Path, description = "The installation's id."), ("step" = String, Path, description = "The step's name.")), request_body(content = Object, description = "The fields of the step's form, and lists for what it lets choose several of."), responses((status = 200, body = InstallationView)))]
pub(super) async fn step(
    State(s): State<AppState>,
    Path((id, step)): Path<(Uuid, String)>,
    Json(input): Json<StepInput>,
) -> Answer<InstallationView> {
    let step: SetupStep =
        step.parse().map_err(|e: String| ApiError::from(connector_core::Error::invalid_field("/step", e)))?;
    Ok(view(s.engine.installation_step(id, step, &input).await?))
}

/// Gives a one-time address at which a person begins the consent, in any browser. An earlier one is void.
#[utoipa::path(post, path = "/v1/installations/{id}/consent-address", tag = "installations", params(("id" = Uuid, Path, description = "The installation's id.")), responses((status = 200, body = AddressView)))]
pub(super) async fn consent_address(State(s): State<AppState>, Path(id): Path<Uuid>) -> Answer<AddressView> {
    let ticket = s.engine.consent_ticket(id).await?;
    Ok(axum::Json(AddressView { address: format!("{}/oauth/begin/{}", s.config.public_url, ticket.ticket) }))
}

/// Gives an installation up: its secrets are forgotten, and what it had made half is removed.
#[utoipa::path(delete, path = "/v1/installations/{id}", tag = "installations", params(("id" = Uuid, Path, description = "The installation's id.")), responses((status = 200, body = RemovedView)))]
pub(super) async fn cancel(State(s): State<AppState>, Path(id): Path<Uuid>) -> Answer<RemovedView> {
    Ok(axum::Json(s.engine.cancel_installation(id).await?.into()))
}

/// Lists a connection's webhooks at its service, as far as the gateway made them.
#[utoipa::path(get, path = "/v1/connections/{id}/hooks", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = Vec<HookItem>)))]
pub(super) async fn hooks(State(s): State<AppState>, Path(id): Path<String>) -> Answer<Vec<HookItem>> {
    s.engine.store().connection(&id).await?;
    Ok(axum::Json(s.engine.connection_hooks(&id).await?.into_iter().map(HookItem::from).collect()))
}

/// Removes a connection: its webhooks and tokens at the service, then itself with its secrets. What it received stays.
#[utoipa::path(delete, path = "/v1/connections/{id}", tag = "connections", params(("id" = String, Path, description = "The connection's id."), RemoveQuery), responses((status = 200, body = RemovedView)))]
pub(super) async fn remove_connection(
    State(s): State<AppState>,
    Path(id): Path<String>,
    Query(q): Query<RemoveQuery>,
) -> Answer<RemovedView> {
    Ok(axum::Json(s.engine.remove_connection(&id, q.keep_remote).await?.into()))
}

/// Says how an app of this connector is registered at its service: what to paste where.
#[utoipa::path(get, path = "/v1/connectors/{id}/app-guide", tag = "connectors", params(("id" = String, Path, description = "The connector's id.")), responses((status = 200, body = GuideView)))]
pub(super) async fn app_guide(State(s): State<AppState>, Path(id): Path<String>) -> Answer<GuideView> {
    Ok(axum::Json(s.engine.app_guide(&id)?.into()))
}
