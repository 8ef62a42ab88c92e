//! Calling actions.

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use connector_core::{Cancel, Class, Error, page};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use crate::{
    AppState,
    auth::Caller,
    error::{ApiError, Json},
};

/// Items of a call for all pages unless it says otherwise.
const DEFAULT_MAX: usize = 1000;
/// Most items that it may ask for.
const LARGEST_MAX: usize = 100_000;
/// No further page once so many bytes of items are held: the answer is made in memory.
const MAX_BYTES: usize = 64 << 20;

/// How an action that comes in pages is called.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paged {
    /// Reads page after page and gives the items of all. `output` is then `{"items": […], "pages": 3, "cut": null, "shrank":
    /// false}`: how many pages were read; why it ended before the service's end (`items`: the most that were asked for;
    /// `pages`: 10000 were read; `bytes`: 64 MiB are there; `stuck`: the service says that there is more and does not say
    /// where), else null; whether the list became shorter meanwhile, so that items may be missing.
    #[serde(default)]
    all: bool,
    /// At most so many items, 1 to 100000; 1000 unless told. Only with `all`.
    #[param(minimum = 1, maximum = 100_000)]
    max: Option<usize>,
}

impl Paged {
    /// The walk's bounds, if all pages are asked for.
    fn options(query: Result<Query<Self>, QueryRejection>) -> Result<Option<page::Options>, ApiError> {
        let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
        let max = q.max.unwrap_or(DEFAULT_MAX);
        if q.max.is_some() && !q.all {
            return Err(
                Error::invalid_field("/max", "bounds the items of all pages; ask for them with `all=true`").into()
            );
        }
        if !(1..=LARGEST_MAX).contains(&max) {
            return Err(Error::invalid_field("/max", format!("must be 1 to {LARGEST_MAX}")).into());
        }
        Ok(q.all.then(|| page::Options { max_bytes: MAX_BYTES, ..page::Options::items(max) }))
    }
}

/// What a call gave.
#[derive(Serialize, ToSchema)]
pub(super) struct Called {
    /// The action's output, as its output schema describes it; the items of all pages where those were asked for.
    #[schema(value_type = Object)]
    output: Value,
    /// The trace of the call.
    trace_id: String,
}

/// Raises the flag when it is dropped: when the caller hangs up, the call stops at its next step.
struct Hangup(Cancel);

impl Drop for Hangup {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Calls an action of a connection, or reads all pages of one that comes in pages. The body is the action's input.
#[utoipa::path(
    post,
    path = "/v1/connections/{id}/actions/{name}",
    tag = "actions",
    params(("id" = String, Path, description = "The connection's id."), ("name" = String, Path, description = "The action's name."), Paged),
    request_body(content = Object, description = "The action's input; see the connector's `actions[].input_schema`."),
    responses((status = 200, body = Called))
)]
pub(super) async fn call(
    State(s): State<AppState>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    paged: Result<Query<Paged>, QueryRejection>,
    Json(input): Json<Value>,
) -> Answer<Called> {
    let all = Paged::options(paged)?;
    let trace = caller.trace;
    let hangup = Hangup(Cancel::new());
    let how =
        jackfield_engine::Call { cancel: hangup.0.clone(), ..jackfield_engine::Call::new(trace, Class::Interactive) };
    // In a task of its own: a caller that hangs up must not cut a write off in the middle, with nobody knowing.
    let call = tokio::spawn(async move {
        let done = match all {
            None => s.engine.call(&id, &name, input, how).await,
            Some(options) => s.engine.call_all(&id, &name, input, options, how).await.and_then(|all| {
                serde_json::to_value(all).map_err(|e| Error::internal(format!("the items cannot be written: {e}")))
            }),
        };
        match &done {
            Ok(_) => tracing::info!(trace_id = %trace, connection = %id, action = %name, "called"),
            Err(e) => tracing::info!(trace_id = %trace, connection = %id, action = %name, error = %e, "a call failed"),
        }
        done
    });
    let outcome = call.await.unwrap_or_else(|_| Err(Error::internal("the action panicked, which is a bug")));
    let output = outcome.map_err(|e| ApiError::from(e).traced(trace))?;
    drop(hangup);
    Ok(axum::Json(Called { output, trace_id: trace.to_string() }))
}
