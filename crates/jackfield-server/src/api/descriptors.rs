//! The actions of one connection as they are there.

use axum::extract::{Path, State};
use connector_core::describe::EffectiveAction;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Answer;
use crate::AppState;

/// An action of a connection, without its schemas.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectionAction {
    /// Its name.
    name: String,
    /// What people call it, here.
    title: String,
    /// What it does, here.
    summary: String,
    /// What it does to the service: `read`, `write` or `destructive`.
    #[schema(value_type = String)]
    effect: Value,
    /// What happens when it is done twice: `natural`, `keyed`, `emulated` or `none`.
    #[schema(value_type = String)]
    idempotency: Value,
}

impl From<EffectiveAction> for ConnectionAction {
    fn from(a: EffectiveAction) -> Self {
        let (effect, idempotency) = (json!(a.effect), json!(a.idempotency));
        Self { name: a.name, title: a.title, summary: a.summary, effect, idempotency }
    }
}

/// The actions of a connection.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectionActions {
    /// The version of what was learned of the connection; none if nothing was: the actions are as the connector declares
    /// them.
    version: Option<u64>,
    /// When that was learned.
    described_at: Option<Timestamp>,
    /// The actions and operations; those that are of no use there are left out.
    items: Vec<ConnectionAction>,
}

/// What describing a connection gave.
#[derive(Serialize, ToSchema)]
pub(super) struct DescribedView {
    /// The version of what is kept.
    version: u64,
    /// Whether it differs from what was kept before.
    changed: bool,
    /// How many actions are described.
    actions: usize,
    /// The actions that are hidden, since they are of no use there. A call of one is not refused.
    hidden: Vec<String>,
    /// What the connector gave and is not shown, and why.
    notes: Vec<String>,
}

/// Lists the actions of a connection as they are there: with what the service was asked about it.
#[utoipa::path(get, path = "/v1/connections/{id}/actions", tag = "actions", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = ConnectionActions)))]
pub(super) async fn list(State(s): State<AppState>, Path(id): Path<String>) -> Answer<ConnectionActions> {
    let kept = s.engine.descriptors(&id).await?;
    let items = s.engine.actions(&id).await?.into_iter().map(Into::into).collect();
    Ok(axum::Json(ConnectionActions {
        version: kept.as_ref().map(|k| k.version),
        described_at: kept.map(|k| k.described_at),
        items,
    }))
}

/// Shows an action of a connection as it is there, with its JSON Schemas: labels are `title`s, the values that a field takes
/// there are `examples` and `x-options`. Other values are not refused.
#[utoipa::path(get, path = "/v1/connections/{id}/actions/{name}", tag = "actions", params(("id" = String, Path, description = "The connection's id."), ("name" = String, Path, description = "The action's name.")), responses((status = 200, body = Object)))]
pub(super) async fn show(State(s): State<AppState>, Path((id, name)): Path<(String, String)>) -> Answer<Value> {
    Ok(axum::Json(json!(s.engine.action(&id, &name).await?)))
}

/// Asks the service how a connection's actions look there, and keeps it. What was known before stays when that fails.
#[utoipa::path(post, path = "/v1/connections/{id}/describe", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = DescribedView)))]
pub(super) async fn describe(State(s): State<AppState>, Path(id): Path<String>) -> Answer<DescribedView> {
    let d = s.engine.describe_connection(&id).await?;
    Ok(axum::Json(DescribedView {
        version: d.version,
        changed: d.changed,
        actions: d.actions,
        hidden: d.hidden,
        notes: d.notes,
    }))
}
