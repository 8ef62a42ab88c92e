//! The audit log.

use axum::extract::{Query, State, rejection::QueryRejection};
use connector_core::{Error, FieldError};
use http::StatusCode;
use jackfield_store::people::{AuditFilter, AuditKind, AuditLine};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, views::Page};
use crate::{AppState, error::ApiError};

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditView {
    /// Its id; later lines have greater ones.
    id: Uuid,
    /// When.
    at: Timestamp,
    /// `change`, `call` (an action was called) or `sign_in` (somebody signed in or out, or failed to).
    kind: &'static str,
    /// Who: `operator`, `person:<id>`, `token:<id>`.
    actor: String,
    /// What the actor was called then.
    actor_name: String,
    /// `api` or `page`.
    via: String,
    /// The network address; empty for a command that worked on the state directory itself.
    from: String,
    /// Method and route.
    what: String,
    /// On what: the path.
    target: String,
    /// The connection, if it was done to one.
    connection: Option<String>,
    /// The names of the fields that were given; never values.
    fields: Vec<String>,
    /// The HTTP status that it ended with; 0: not known, since the caller hung up before.
    status: u16,
    /// The trace.
    trace_id: String,
}

impl From<AuditLine> for AuditView {
    fn from(l: AuditLine) -> Self {
        Self {
            id: l.id,
            at: l.at,
            kind: l.kind.as_str(),
            actor: l.actor,
            actor_name: l.actor_name,
            via: l.via,
            from: l.from,
            what: l.what,
            target: l.target,
            connection: l.connection,
            fields: l.fields,
            status: l.status,
            trace_id: l.trace_id,
        }
    }
}

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only this kind: `change`, `call` or `sign_in`.
    kind: Option<String>,
    /// Only this actor: `operator`, `person:<id>`, `token:<id>`.
    actor: Option<String>,
    /// Only this connection.
    connection: Option<String>,
    /// Only this trace.
    trace_id: Option<String>,
    /// Only what is older than this id: the last one of the page before.
    before: Option<Uuid>,
    /// At most so many, 1 to 1000; 50 unless told.
    limit: Option<usize>,
}

/// Lists who did what, newest first: every change and every call of an action.
#[utoipa::path(get, path = "/v1/audit", tag = "people", params(AuditQuery), responses((status = 200, body = Page<AuditView>)))]
pub(super) async fn list(
    State(s): State<AppState>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Answer<Page<AuditView>> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let mut errors = Vec::new();
    let kind = q.kind.as_deref().map(|k| AuditKind::ALL.into_iter().find(|a| a.as_str() == k));
    if kind == Some(None) {
        errors.push(FieldError::new("/kind", "must be one of change, call, sign_in"));
    }
    let limit = q.limit.unwrap_or(50);
    if !(1..=1000).contains(&limit) {
        errors.push(FieldError::new("/limit", "must be 1 to 1000"));
    }
    if !errors.is_empty() {
        return Err(Error::invalid_input(errors).into());
    }
    let filter = AuditFilter {
        kind: kind.flatten(),
        actor: q.actor,
        connection: q.connection,
        trace_id: q.trace_id,
        before: q.before,
        limit,
    };
    let lines = s.engine.store().audit(filter).await?;
    Ok(super::history::page(lines, limit, |l| l.id, AuditView::from))
}
