//! Live options: what the service suggests for a connection's param.

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use connector_core::{Class, TraceId};
use http::StatusCode;
use jackfield_engine::Call;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use crate::{AppState, error::ApiError};

/// Which options.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Only those whose value or label holds this text, as the service searches or in whatever case; at most 256 bytes.
    search: Option<String>,
}

/// The options of a param.
#[derive(Serialize, ToSchema)]
pub(super) struct OptionsView {
    /// In the service's order, each value once; 200 at most.
    options: Vec<OptionView>,
    /// Whether there are more than are given: search for a text to see those.
    more: bool,
}

/// One option.
#[derive(Serialize, ToSchema)]
pub(super) struct OptionView {
    /// What people see.
    label: String,
    /// What the param is set to.
    value: String,
}

/// Lists what a connection's param may be set to, by a call to its service where the param has live options.
#[utoipa::path(
    get,
    path = "/v1/connections/{id}/options/{param}",
    tag = "connections",
    params(("id" = String, Path, description = "The connection's id."), ("param" = String, Path, description = "The param's id."), Search),
    responses((status = 200, body = OptionsView))
)]
pub(super) async fn list(
    State(s): State<AppState>,
    Path((id, param)): Path<(String, String)>,
    query: Result<Query<Search>, QueryRejection>,
) -> Answer<OptionsView> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let trace = TraceId::new(s.engine.now());
    let call = Call::new(trace, Class::Interactive);
    let found =
        s.engine.options(&id, &param, q.search.as_deref(), call).await.map_err(|e| ApiError::from(e).traced(trace))?;
    let options = found.options.into_iter().map(|o| OptionView { label: o.label, value: o.value }).collect();
    Ok(axum::Json(OptionsView { options, more: found.more }))
}
