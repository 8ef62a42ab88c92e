//! What services announce about their own API.

use axum::extract::{Query, State, rejection::QueryRejection};
use connector_core::signal::SignalTally;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use crate::{AppState, error::ApiError};

/// What the list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SignalQuery {
    /// Only this connector.
    connector: Option<String>,
}

/// What a service announced of an endpoint.
#[derive(Serialize, ToSchema)]
pub(super) struct SignalView {
    /// The connector's id.
    connector: String,
    /// The endpoint as the connector names it, or the action.
    endpoint: String,
    /// What is announced: `deprecation`, `deprecation_link`, `sunset`, `sunset_link`, `warning`, `gone`, `version_refused`,
    /// `version_differs`.
    kind: &'static str,
    /// When, where or in which words, as the service says; dates in RFC 3339.
    value: String,
    /// How often.
    count: u64,
    /// The first time.
    first_at: Timestamp,
    /// The last time.
    last_at: Timestamp,
}

impl From<SignalTally> for SignalView {
    fn from(t: SignalTally) -> Self {
        let s = t.signal;
        Self {
            connector: s.connector,
            endpoint: s.endpoint,
            kind: s.kind.as_str(),
            value: s.value,
            count: t.count,
            first_at: t.first_at,
            last_at: t.last_at,
        }
    }
}

/// What services announced.
#[derive(Serialize, ToSchema)]
pub(super) struct SignalList {
    /// The signals, last seen first.
    items: Vec<SignalView>,
}

/// Lists what services announce about their own API in passing: deprecations, dates of removal, other versions than asked for.
#[utoipa::path(get, path = "/v1/signals", tag = "history", params(SignalQuery), responses((status = 200, body = SignalList)))]
pub(super) async fn list(
    State(s): State<AppState>,
    query: Result<Query<SignalQuery>, QueryRejection>,
) -> Answer<SignalList> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let items = s.engine.signals(q.connector).await?.into_iter().map(SignalView::from).collect();
    Ok(axum::Json(SignalList { items }))
}
