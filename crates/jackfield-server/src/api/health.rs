//! How connections fare.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use connector_core::FieldError;
use http::StatusCode;
use jackfield_engine::health::{
    ActionCounts, Affected, AuthHealth, ConnectionHealth, HealthDetail, HourCounts, LastFailure, Sums,
};
use jackfield_store::{CheckRecord, DisabledBecause};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use crate::{AppState, auth::Caller, error::ApiError};

/// Calls by how they ended.
#[derive(Serialize, ToSchema)]
pub(super) struct SumsView {
    /// Did what was asked.
    success: u64,
    /// Ended before or by the gateway, or wrong themselves: neither the service nor the credentials were at fault.
    halted: u64,
    /// The service or the credentials failed.
    failure: u64,
}

impl From<Sums> for SumsView {
    fn from(s: Sums) -> Self {
        Self { success: s.success, halted: s.halted, failure: s.failure }
    }
}

/// The calls of an hour or a day.
#[derive(Serialize, ToSchema)]
pub(super) struct CountsView {
    /// Its start, UTC.
    at: Timestamp,
    /// How they ended.
    #[serde(flatten)]
    sums: SumsView,
}

impl From<HourCounts> for CountsView {
    fn from(h: HourCounts) -> Self {
        Self { at: h.at, sums: h.sums.into() }
    }
}

/// The calls of an action.
#[derive(Serialize, ToSchema)]
pub(super) struct ActionCountsView {
    /// The action; `(other)` for names that the connector does not have.
    action: String,
    /// How they ended.
    #[serde(flatten)]
    sums: SumsView,
    /// How many ended with each kind of error.
    kinds: BTreeMap<String, u64>,
    /// When the last one ended.
    last_at: Timestamp,
}

impl From<ActionCounts> for ActionCountsView {
    fn from(a: ActionCounts) -> Self {
        Self { action: a.action, sums: a.sums.into(), kinds: a.kinds, last_at: a.last_at }
    }
}

/// The failure that was counted last.
#[derive(Serialize, ToSchema)]
pub(super) struct LastFailureView {
    /// The action.
    action: String,
    /// The error's kind.
    kind: String,
    /// When.
    at: Timestamp,
}

impl From<LastFailure> for LastFailureView {
    fn from(l: LastFailure) -> Self {
        Self { action: l.action, kind: l.kind, at: l.at }
    }
}

/// What the last check found.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckView {
    /// Whether it worked.
    ok: bool,
    /// When it was checked.
    at: Timestamp,
    /// Since when checks find the same.
    since: Timestamp,
    /// What is wrong, by param.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<FieldError>,
    /// What people recognize the account by.
    account: Option<String>,
    /// The scopes that were granted, where the service says.
    scopes: Vec<String>,
}

impl From<CheckRecord> for CheckView {
    fn from(c: CheckRecord) -> Self {
        Self { ok: c.ok, at: c.at, since: c.since, errors: c.errors, account: c.account, scopes: c.scopes }
    }
}

/// Why the gateway switched a connection off.
#[derive(Serialize, ToSchema)]
pub(super) struct DisabledView {
    /// By which rule: `fatal` or `week_of_failures`.
    rule: &'static str,
    /// In words.
    text: String,
    /// When.
    at: Timestamp,
}

impl From<DisabledBecause> for DisabledView {
    fn from(d: DisabledBecause) -> Self {
        Self { rule: d.rule.as_str(), text: d.text, at: d.at }
    }
}

/// How a connection's tokens are.
#[derive(Serialize, ToSchema)]
pub(super) struct AuthView {
    /// The auth method.
    method: String,
    /// `healthy`, `refreshing`, `degraded`, `needs_reauth`, `revoked` or `misconfigured`.
    state: &'static str,
    /// Why.
    reason: Option<String>,
    /// Since when.
    since: Timestamp,
    /// When the access token ends.
    expires_at: Option<Timestamp>,
    /// Scopes that were granted, where the service says.
    scopes: Vec<String>,
}

impl From<AuthHealth> for AuthView {
    fn from(a: AuthHealth) -> Self {
        Self {
            method: a.method,
            state: a.state,
            reason: a.reason,
            since: a.since,
            expires_at: a.expires_at,
            scopes: a.scopes,
        }
    }
}

/// An enabled flow that a connection's events start.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedsView {
    /// The flow.
    flow: String,
    /// The event types that start it, as it says.
    event: String,
}

/// What depends on a connection.
#[derive(Serialize, ToSchema)]
pub(super) struct AffectedView {
    /// The enabled flows that call it.
    flows: Vec<String>,
    /// The enabled flows that its events start.
    feeds: Vec<FeedsView>,
}

impl From<Affected> for AffectedView {
    fn from(a: Affected) -> Self {
        let feeds = a.feeds.into_iter().map(|f| FeedsView { flow: f.flow, event: f.event }).collect();
        Self { flows: a.flows, feeds }
    }
}

/// How a connection is.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthView {
    /// The connection's id.
    id: String,
    /// The connector's id.
    connector: String,
    /// What people call it.
    name: String,
    /// Whether it takes webhooks and calls.
    enabled: bool,
    /// `healthy`, `degraded`, `failing`, `unknown` or `disabled`.
    state: &'static str,
    /// Why.
    reason: Option<String>,
    /// Since when; none where nothing was ever known.
    since: Option<Timestamp>,
    /// Why the gateway switched it off; none if a person did, or it is on.
    disabled_because: Option<DisabledView>,
    /// The last check.
    check: Option<CheckView>,
    /// Its tokens, if it has any.
    auth: Option<AuthView>,
    /// What depends on it.
    affected: AffectedView,
    /// The calls of the last 24 hours.
    last_24h: SumsView,
    /// The calls of the last 7 days.
    last_7d: SumsView,
    /// The calls by UTC day, oldest first, today last: 14 days, of one connection 30.
    days: Vec<CountsView>,
    /// The failure that was counted last, within 30 days.
    last_failure: Option<LastFailureView>,
}

impl From<ConnectionHealth> for HealthView {
    fn from(h: ConnectionHealth) -> Self {
        Self {
            id: h.id,
            connector: h.connector,
            name: h.name,
            enabled: h.enabled,
            state: h.state.as_str(),
            reason: h.reason,
            since: h.since,
            disabled_because: h.disabled_because.map(Into::into),
            check: h.check.map(Into::into),
            auth: h.auth.map(Into::into),
            affected: h.affected.into(),
            last_24h: h.last_24h.into(),
            last_7d: h.last_7d.into(),
            days: h.days.into_iter().map(Into::into).collect(),
            last_failure: h.last_failure.map(Into::into),
        }
    }
}

/// How a connection is and was.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthDetailView {
    /// How it is.
    #[serde(flatten)]
    summary: HealthView,
    /// The calls by hour, oldest first, of 30 days; hours without calls are left out.
    hours: Vec<CountsView>,
    /// The calls by action, of 30 days.
    actions: Vec<ActionCountsView>,
}

impl From<HealthDetail> for HealthDetailView {
    fn from(d: HealthDetail) -> Self {
        Self {
            summary: d.summary.into(),
            hours: d.hours.into_iter().map(Into::into).collect(),
            actions: d.actions.into_iter().map(Into::into).collect(),
        }
    }
}

/// How all connections are.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthList {
    /// The connections, by id.
    items: Vec<HealthView>,
}

/// What `hours` and `actions` are narrowed to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HealthQuery {
    /// Only calls of this action.
    action: Option<String>,
}

/// How a connection is switched on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EnableQuery {
    /// Switches it on without a check.
    #[serde(default)]
    pub(super) force: bool,
}

/// Shows how all connections are: state, check, tokens, counts of calls.
#[utoipa::path(get, path = "/v1/health", tag = "health", responses((status = 200, body = HealthList)))]
pub(super) async fn list(State(s): State<AppState>, caller: Caller) -> Answer<HealthList> {
    let all = s.engine.health().await?;
    let items = all.into_iter().filter(|h| caller.principal.reaches(&h.id)).map(Into::into).collect();
    Ok(axum::Json(HealthList { items }))
}

/// Shows how a connection is and was: by hour, by action, of 30 days.
#[utoipa::path(get, path = "/v1/connections/{id}/health", tag = "health", params(("id" = String, Path, description = "The connection's id."), HealthQuery), responses((status = 200, body = HealthDetailView)))]
pub(super) async fn show(
    State(s): State<AppState>,
    Path(id): Path<String>,
    query: Result<Query<HealthQuery>, QueryRejection>,
) -> Answer<HealthDetailView> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    Ok(axum::Json(s.engine.connection_health(&id, q.action.as_deref()).await?.into()))
}
