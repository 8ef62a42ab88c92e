//! How connections' credentials are.

use axum::extract::{Path, State};
use connector_core::auth::{AuthState, TokenStatus};
use jackfield_engine::AuthReport;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answer;
use crate::AppState;

/// What depends on a connection.
#[derive(Serialize, ToSchema)]
pub(super) struct DependentsView {
    /// Enabled flows that call it, by id.
    flows: Vec<String>,
    /// Event types that start enabled flows and come by it.
    triggers: Vec<String>,
}

/// How a connection's credentials are. No token is ever shown.
#[derive(Serialize, ToSchema)]
pub(super) struct AuthView {
    /// The connection's id.
    connection: String,
    /// The auth method; absent: its credentials were typed in, and the rest is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// `healthy`, `refreshing`, `degraded`, `needs_reauth`, `revoked`, `misconfigured`; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Why it is so, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// When the access token was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    obtained_at: Option<Timestamp>,
    /// When it ends; absent where the service names no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// Failures of renewing in a row.
    failures: u32,
    /// Renewing is not tried before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    /// The scopes that were granted, where the service says.
    scopes: Vec<String>,
    /// Scopes that enabled flows need and that were not granted.
    missing_scopes: Vec<String>,
    /// What depends on the connection.
    affected: DependentsView,
}

impl AuthView {
    fn of(connection: String, report: AuthReport) -> Self {
        let status = report.status.as_ref();
        let at = |f: fn(&TokenStatus) -> Option<Timestamp>| status.and_then(f);
        Self {
            connection,
            state: status.map(|s| AuthState::as_str(s.state)),
            reason: status.and_then(|s| s.reason.clone()),
            since: at(|s| Some(s.since)),
            obtained_at: at(|s| Some(s.obtained_at)),
            expires_at: at(|s| s.expires_at),
            failures: status.map_or(0, |s| s.failures),
            not_before: at(|s| s.not_before),
            scopes: status.map(|s| s.scopes.clone()).unwrap_or_default(),
            missing_scopes: report.missing,
            affected: DependentsView { flows: report.affected.flows, triggers: report.affected.triggers },
            method: report.method,
        }
    }
}

/// Shows how a connection's credentials are: state, reason, end, scopes, and what depends on them.
#[utoipa::path(get, path = "/v1/connections/{id}/auth", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = AuthView)))]
pub(super) async fn show(State(s): State<AppState>, Path(id): Path<String>) -> Answer<AuthView> {
    let report = s.engine.auth_report(&id).await?;
    Ok(axum::Json(AuthView::of(id, report)))
}

/// Renews a connection's tokens now.
#[utoipa::path(post, path = "/v1/connections/{id}/auth/refresh", tag = "connections", params(("id" = String, Path, description = "The connection's id.")), responses((status = 200, body = AuthView)))]
pub(super) async fn refresh(State(s): State<AppState>, Path(id): Path<String>) -> Answer<AuthView> {
    let report = s.engine.renew_auth(&id).await?;
    Ok(axum::Json(AuthView::of(id, report)))
}
