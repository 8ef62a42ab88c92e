//! Apps, connections, flows: made, shown, changed, removed.

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use connector_core::FieldError;
use http::StatusCode;
use jackfield_engine::{AppInput, ConnectionInput, Current, FlowInput, On, Resources, Step};
use jackfield_store::{App, Connection, Owner};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Answer,
    health::EnableQuery,
    views::{AppView, ConnectionView, FlowView},
};
use crate::{
    AppState,
    auth::Caller,
    error::{ApiError, Json},
};

/// An app to be made or replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppBody {
    /// The connector's id.
    connector: String,
    /// What people call it; the id if none is given.
    #[serde(default)]
    name: Option<String>,
    /// Values of the connector's app params, secrets included; a secret that is set already may be left out.
    #[serde(default)]
    #[schema(value_type = Object)]
    values: Map<String, Value>,
}

/// A connection to be made or replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionBody {
    /// The connector's id.
    connector: String,
    /// What people call it; the id if none is given.
    #[serde(default)]
    name: Option<String>,
    /// The app that it belongs to.
    #[serde(default)]
    app: Option<String>,
    /// Whether it takes webhooks and calls. Left out: as before, and a new one does.
    #[serde(default)]
    enabled: Option<bool>,
    /// Internal networks that its calls may reach beside those that are open to all: an address or a CIDR, with a port or
    /// without, such as `10.0.0.0/8:443`. Left out: none.
    #[serde(default)]
    networks: Vec<String>,
    /// Limits of its calls beside the service's own, such as `100/min` or `5/s burst 20`; all hold at once. Left out: none.
    #[serde(default)]
    limits: Vec<String>,
    /// Values of the connector's params, secrets included; a secret that is set already may be left out.
    #[serde(default)]
    #[schema(value_type = Object)]
    values: Map<String, Value>,
}

/// Which events start a flow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnBody {
    /// The connector's id.
    connector: String,
    /// Only events of this connection.
    #[serde(default)]
    connection: Option<String>,
    /// The event type; `issues.*` for all below `issues`, `*` for all.
    event: String,
}

/// A step of a flow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepBody {
    /// The connection.
    connection: String,
    /// The action's name.
    action: String,
    /// The action's input; texts may hold templates such as `{{ event.payload.issue.title }}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    input: Value,
}

/// A flow to be made or replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowBody {
    /// What people call it; the id if none is given.
    #[serde(default)]
    name: Option<String>,
    /// Whether it runs. Left out: as before, and a new one does.
    #[serde(default)]
    enabled: Option<bool>,
    /// Which events.
    on: OnBody,
    /// Conditions over `event`; all must hold.
    #[serde(default)]
    when: Vec<String>,
    /// The steps; exactly one for now.
    #[serde(rename = "do")]
    steps: Vec<StepBody>,
}

impl FlowBody {
    fn into_input(self, id: String) -> FlowInput {
        FlowInput {
            id,
            name: self.name,
            enabled: self.enabled,
            on: On { connector: self.on.connector, connection: self.on.connection, event: self.on.event },
            when: self.when,
            steps: self
                .steps
                .into_iter()
                .map(|s| Step { connection: s.connection, action: s.action, input: s.input })
                .collect(),
        }
    }
}

/// A new value of a secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretBody {
    /// The value. It is never shown again.
    value: String,
    /// Whether the one before stays valid for webhooks until the rotation is ended.
    #[serde(default)]
    rotate: bool,
}

/// Something was done.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// What it was done to.
    pub(super) id: String,
}

/// What a check of a connection found.
#[derive(Serialize, ToSchema)]
pub(super) struct Checked {
    /// Whether the connection works.
    ok: bool,
    /// What is wrong, by param.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<FieldError>,
    /// What people recognize the account by.
    account: Option<String>,
    /// Who it is at the service.
    identity: std::collections::BTreeMap<String, String>,
    /// The scopes that were granted, where the service says.
    scopes: Vec<String>,
}

/// What applying a declaration did.
#[derive(Serialize, ToSchema)]
pub(super) struct AppliedView {
    /// In the order in which they were applied.
    changes: Vec<ChangeView>,
}

/// What became of one resource.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangeView {
    /// `app`, `connection` or `flow`.
    kind: &'static str,
    /// Its id.
    id: String,
    /// Whether it was there before.
    replaced: bool,
}

async fn app_view(s: &AppState, a: App) -> Result<AppView, ApiError> {
    let secrets = s.engine.store().secret_names(&Owner::App(a.id.clone())).await?;
    let takes =
        s.engine.registry().get(&a.connector).ok().is_some_and(|c| c.webhook().is_some_and(|w| !w.routes.is_empty()));
    let url = takes.then(|| format!("{}/webhooks/{}", s.config.public_url, a.connector));
    Ok(AppView::new(a, secrets, url))
}

async fn connection_view(s: &AppState, c: Connection) -> Result<ConnectionView, ApiError> {
    current_view(s, Current { connection: c, outdated: None }).await
}

async fn current_view(s: &AppState, current: Current) -> Result<ConnectionView, ApiError> {
    let c = current.connection;
    let secrets = s.engine.store().secret_names(&Owner::Connection(c.id.clone())).await?;
    let takes = s.engine.registry().get(&c.connector).ok().is_some_and(|k| k.webhook().is_some());
    let url = takes.then(|| format!("{}/webhooks/{}/{}", s.config.public_url, c.connector, c.id));
    let mut view = ConnectionView::new(c, secrets, url);
    view.misconfigured = current.outdated.map(|e| e.to_caller_json());
    Ok(view)
}

/// Lists the apps.
#[utoipa::path(get, path = "/v1/apps", tag = "apps", responses((status = 200, body = Vec<AppView>)))]
pub(super) async fn list_apps(State(s): State<AppState>) -> Answer<Vec<AppView>> {
    let mut out = Vec::new();
    for a in s.engine.store().apps().await? {
        out.push(app_view(&s, a).await?);
    }
    Ok(axum::Json(out))
}

/// Shows an app.
#[utoipa::path(get, path = "/v1/apps/{id}", tag = "apps", params(("id" = String, Path, description = "The app's id.")), responses((status = 200, body = AppView)))]
pub(super) async fn show_app(State(s): State<AppState>, Path(id): Path<String>) -> Answer<AppView> {
    Ok(axum::Json(app_view(&s, s.engine.store().app(&id).await?).await?))
}

/// Makes or replaces an app.
#[utoipa::path(put, path = "/v1/apps/{id}", tag = "apps", params(("id" = String, Path, description = "The app's id.")), request_body = AppBody, responses((status = 200, body = AppView)))]
pub(super) async fn put_app(
    State(s): State<AppState>,
    Path(id): Path<String>,
    Json(b): Json<AppBody>,
) -> Answer<AppView> {
    let app = s.engine.put_app(AppInput { id, connector: b.connector, name: b.name, values: b.values }).await?;
    Ok(axum::Json(app_view(&s, app).await?))
}

/// Removes an app; its connections must go first.
#[utoipa::path(delete, path = "/v1/apps/{id}", tag = "apps", params(("id" = String, Path, description = "The app's id.")), responses((status = 200, body = Done)))]
pub(super) async fn delete_app(State(s): State<AppState>, Path(id): Path<String>) -> Answer<Done> {
    s.engine.store().delete_app(&id).await?;
    Ok(axum::Json(Done { id }))
}

/// Lists the connections.
#[utoipa::path(get, path = "/v1/connections", tag = "connections", responses((status = 200, body = Vec<ConnectionView>)))]
pub(super) async fn list_connections(State(s): State<AppState>, caller: Caller) -> Answer<Vec<ConnectionView>> {
    let mut out = Vec::new();
    for c in s.engine.connections().await?.into_iter().filter(|c| caller.principal.reaches(&c.connection.id)) {
        out.push(current_view(&s, c).await?);
    }
    Ok(axum::Json(out))
}

/// Shows a connection.
#[utoipa::path(get, path = "/v1/connections/{id}", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = ConnectionView)))]
pub(super) async fn show_connection(State(s): State<AppState>, Path(id): Path<String>) -> Answer<ConnectionView> {
    Ok(axum::Json(current_view(&s, s.engine.connection(&id).await?).await?))
}

/// Makes or replaces a connection.
#[utoipa::path(put, path = "/v1/connections/{id}", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), request_body = ConnectionBody, responses((status = 200, body = ConnectionView)))]
pub(super) async fn put_connection(
    State(s): State<AppState>,
    Path(id): Path<String>,
    Json(b): Json<ConnectionBody>,
) -> Answer<ConnectionView> {
    let input = ConnectionInput {
        id,
        connector: b.connector,
        name: b.name,
        app: b.app,
        enabled: b.enabled,
        networks: b.networks,
        limits: b.limits,
        values: b.values,
    };
    let c = s.engine.put_connection(input).await?;
    Ok(axum::Json(connection_view(&s, c).await?))
}

/// Switches a connection on. One that the gateway switched off is checked first; if it still does not work, it stays off.
#[utoipa::path(post, path = "/v1/connections/{id}/enable", tag = "connections", params(("id" = String, Path, description = "The connection's id."), EnableQuery), responses((status = 200, body = ConnectionView)))]
pub(super) async fn enable_connection(
    State(s): State<AppState>,
    Path(id): Path<String>,
    query: Result<Query<EnableQuery>, QueryRejection>,
) -> Answer<ConnectionView> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let c = if q.force { s.engine.enable_connection(&id, true).await? } else { s.engine.enable_when_well(&id).await? };
    Ok(axum::Json(connection_view(&s, c).await?))
}

/// Switches a connection off: it takes no webhooks and no calls.
#[utoipa::path(post, path = "/v1/connections/{id}/disable", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = ConnectionView)))]
pub(super) async fn disable_connection(State(s): State<AppState>, Path(id): Path<String>) -> Answer<ConnectionView> {
    let c = s.engine.enable_connection(&id, false).await?;
    Ok(axum::Json(connection_view(&s, c).await?))
}

/// Checks a connection by a real call to its service.
#[utoipa::path(post, path = "/v1/connections/{id}/check", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = Checked)))]
pub(super) async fn check_connection(State(s): State<AppState>, Path(id): Path<String>) -> Answer<Checked> {
    let v = s.engine.check_connection(&id).await?;
    Ok(axum::Json(Checked {
        ok: v.errors.is_empty(),
        errors: v.errors,
        account: v.account,
        identity: v.identity,
        scopes: v.scopes,
    }))
}

async fn put_secret(s: &AppState, owner: Owner, id: String, name: &str, b: SecretBody) -> Answer<Done> {
    s.engine.set_secret(&owner, name, &b.value, b.rotate).await?;
    Ok(axum::Json(Done { id }))
}

/// Sets a secret of an app, with or without keeping the one before for a while.
#[utoipa::path(put, path = "/v1/apps/{id}/secrets/{name}", tag = "apps", params(("id" = String, Path, description = "The app's id."), ("name" = String, Path, description = "The secret param.")), request_body = SecretBody, responses((status = 200, body = Done)))]
pub(super) async fn put_app_secret(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
    Json(b): Json<SecretBody>,
) -> Answer<Done> {
    put_secret(&s, Owner::App(id.clone()), id, &name, b).await
}

/// Ends the rotation of an app's secret: only the current one stays valid.
#[utoipa::path(post, path = "/v1/apps/{id}/secrets/{name}/end-rotation", tag = "apps", params(("id" = String, Path, description = "The app's id."), ("name" = String, Path, description = "The secret param.")), responses((status = 200, body = Done)))]
pub(super) async fn end_app_rotation(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
) -> Answer<Done> {
    s.engine.end_rotation(&Owner::App(id.clone()), &name).await?;
    Ok(axum::Json(Done { id }))
}

/// Removes a secret of an app, the one being rotated out included.
#[utoipa::path(delete, path = "/v1/apps/{id}/secrets/{name}", tag = "apps", params(("id" = String, Path, description = "The app's id."), ("name" = String, Path, description = "The secret param.")), responses((status = 200, body = Done)))]
pub(super) async fn remove_app_secret(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
) -> Answer<Done> {
    s.engine.remove_secret(&Owner::App(id.clone()), &name).await?;
    Ok(axum::Json(Done { id }))
}

/// Sets a secret of a connection, with or without keeping the one before for a while.
#[utoipa::path(put, path = "/v1/connections/{id}/secrets/{name}", tag = "connections", params(("id" = String, Path, description = "The connection's id."), ("name" = String, Path, description = "The secret param.")), request_body = SecretBody, responses((status = 200, body = Done)))]
pub(super) async fn put_connection_secret(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
    Json(b): Json<SecretBody>,
) -> Answer<Done> {
    put_secret(&s, Owner::Connection(id.clone()), id, &name, b).await
}

/// Ends the rotation of a connection's secret: only the current one stays valid.
#[utoipa::path(post, path = "/v1/connections/{id}/secrets/{name}/end-rotation", tag = "connections", params(("id" = String, Path, description = "The connection's id."), ("name" = String, Path, description = "The secret param.")), responses((status = 200, body = Done)))]
pub(super) async fn end_connection_rotation(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
) -> Answer<Done> {
    s.engine.end_rotation(&Owner::Connection(id.clone()), &name).await?;
    Ok(axum::Json(Done { id }))
}

/// Removes a secret of a connection, the one being rotated out included.
#[utoipa::path(delete, path = "/v1/connections/{id}/secrets/{name}", tag = "connections", params(("id" = String, Path, description = "The connection's id."), ("name" = String, Path, description = "The secret param.")), responses((status = 200, body = Done)))]
pub(super) async fn remove_connection_secret(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
) -> Answer<Done> {
    s.engine.remove_secret(&Owner::Connection(id.clone()), &name).await?;
    Ok(axum::Json(Done { id }))
}

/// Lists the flows.
#[utoipa::path(get, path = "/v1/flows", tag = "flows", responses((status = 200, body = Vec<FlowView>)))]
pub(super) async fn list_flows(State(s): State<AppState>) -> Answer<Vec<FlowView>> {
    Ok(axum::Json(s.engine.store().flows().await?.into_iter().map(FlowView::from).collect()))
}

/// Shows a flow.
#[utoipa::path(get, path = "/v1/flows/{id}", tag = "flows", params(("id" = String, Path, description = "The flow's id.")), responses((status = 200, body = FlowView)))]
pub(super) async fn show_flow(State(s): State<AppState>, Path(id): Path<String>) -> Answer<FlowView> {
    Ok(axum::Json(s.engine.store().flow(&id).await?.into()))
}

/// Makes or replaces a flow. It is checked before it is saved.
#[utoipa::path(put, path = "/v1/flows/{id}", tag = "flows", params(("id" = String, Path, description = "The flow's id.")), request_body = FlowBody, responses((status = 200, body = FlowView)))]
pub(super) async fn put_flow(
    State(s): State<AppState>,
    Path(id): Path<String>,
    Json(b): Json<FlowBody>,
) -> Answer<FlowView> {
    Ok(axum::Json(s.engine.put_flow(b.into_input(id)).await?.into()))
}

/// Removes a flow; its runs stay.
#[utoipa::path(delete, path = "/v1/flows/{id}", tag = "flows", params(("id" = String, Path, description = "The flow's id.")), responses((status = 200, body = Done)))]
pub(super) async fn delete_flow(State(s): State<AppState>, Path(id): Path<String>) -> Answer<Done> {
    s.engine.store().delete_flow(&id).await?;
    Ok(axum::Json(Done { id }))
}

/// Switches a flow on.
#[utoipa::path(post, path = "/v1/flows/{id}/enable", tag = "flows", params(("id" = String, Path, description = "The flow's id.")), responses((status = 200, body = FlowView)))]
pub(super) async fn enable_flow(State(s): State<AppState>, Path(id): Path<String>) -> Answer<FlowView> {
    Ok(axum::Json(s.engine.enable_flow(&id, true).await?.into()))
}

/// Switches a flow off.
#[utoipa::path(post, path = "/v1/flows/{id}/disable", tag = "flows", params(("id" = String, Path, description = "The flow's id.")), responses((status = 200, body = FlowView)))]
pub(super) async fn disable_flow(State(s): State<AppState>, Path(id): Path<String>) -> Answer<FlowView> {
    Ok(axum::Json(s.engine.enable_flow(&id, false).await?.into()))
}

/// Applies a declaration of apps, connections and flows, one after the other; what it does not name stays.
#[utoipa::path(post, path = "/v1/apply", tag = "gateway", request_body(content = Object, description = "`{apps: [], connections: [], flows: []}`, each as its own PUT takes it, with its `id`."), responses((status = 200, body = AppliedView)))]
pub(super) async fn apply(State(s): State<AppState>, Json(r): Json<Resources>) -> Answer<AppliedView> {
    let done = s.engine.apply(r).await?;
    Ok(axum::Json(AppliedView {
        changes: done
            .changes
            .into_iter()
            .map(|c| ChangeView { kind: c.kind, id: c.id, replaced: c.replaced })
            .collect(),
    }))
}
