//! The catalog: what is compiled in or registered.

use axum::extract::{Path, State};
use connector_core::Connector;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Answer;
use crate::AppState;

/// A connector in the catalog.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectorSummary {
    /// Stable id.
    id: String,
    /// The service's own name.
    name: String,
    /// One sentence.
    summary: String,
    /// What the service is for.
    #[schema(value_type = Vec<String>)]
    categories: Value,
    /// The names of its actions.
    actions: Vec<String>,
    /// The names of its triggers.
    triggers: Vec<String>,
    /// What it can stand in for.
    #[schema(value_type = Vec<String>)]
    capabilities: Value,
}

fn summary(c: &Connector) -> ConnectorSummary {
    let i = c.info();
    ConnectorSummary {
        id: i.id.clone(),
        name: i.name.clone(),
        summary: i.summary.clone(),
        categories: json!(i.categories),
        actions: c.actions().iter().map(|a| a.info().name.clone()).collect(),
        triggers: c.triggers().iter().map(|t| t.info().name.clone()).collect(),
        capabilities: i.capabilities.iter().map(|c| json!(c.kind)).collect(),
    }
}

/// Lists the connectors, alphabetically.
#[utoipa::path(get, path = "/v1/connectors", tag = "connectors", responses((status = 200, body = Vec<ConnectorSummary>)))]
pub(super) async fn list(State(s): State<AppState>) -> Answer<Vec<ConnectorSummary>> {
    Ok(axum::Json(s.engine.registry().list().iter().map(|c| summary(c)).collect()))
}

/// A connector with everything it declares.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectorDetail {
    /// Identity, params, hosts, verification.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    info: Value,
    /// Its actions with their JSON Schemas.
    #[schema(value_type = Vec<Object>)]
    actions: Value,
    /// The operations of its capabilities, called like actions: the same names and schemas for every connector that has
    /// the capability.
    #[schema(value_type = Vec<Object>)]
    operations: Value,
    /// Its triggers with their payloads' JSON Schemas.
    #[schema(value_type = Vec<Object>)]
    triggers: Value,
    /// JSON Schema of a connection's values.
    #[schema(value_type = Object)]
    params_schema: Value,
    /// The connector's own page, Markdown.
    docs: String,
}

/// Shows a connector: params, actions and triggers with their JSON Schemas.
#[utoipa::path(get, path = "/v1/connectors/{id}", tag = "connectors", params(("id" = String, Path, description = "The connector's id.")), responses((status = 200, body = ConnectorDetail)))]
pub(super) async fn show(State(s): State<AppState>, Path(id): Path<String>) -> Answer<ConnectorDetail> {
    let c = s.engine.registry().get(&id)?;
    Ok(axum::Json(ConnectorDetail {
        info: json!(c.info()),
        actions: c.actions().iter().map(|a| json!(**a.info())).collect(),
        operations: c.operations().iter().map(|a| json!(**a.info())).collect(),
        triggers: c.triggers().iter().map(|t| json!(**t.info())).collect(),
        params_schema: connector_core::param::params_schema(&c.info().params),
        docs: c.info().docs.clone(),
    }))
}
