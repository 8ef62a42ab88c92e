//! Calling actions.

use axum::extract::{Path, State};
use connector_core::{Cancel, Class, TraceId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Answer;
use crate::{
    AppState,
    error::{ApiError, Json},
};

/// What a call gave.
#[derive(Serialize, ToSchema)]
pub(super) struct Called {
    /// The action's output, as its output schema describes it.
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

/// Calls an action of a connection. The body is the action's input.
#[utoipa::path(
    post,
    path = "/v1/connections/{id}/actions/{name}",
    tag = "actions",
    params(("id" = String, Path, description = "The connection's id."), ("name" = String, Path, description = "The action's name.")),
    request_body(content = Object, description = "The action's input; see the connector's `actions[].input_schema`."),
    responses((status = 200, body = Called))
)]
pub(super) async fn call(
    State(s): State<AppState>,
    Path((id, name)): Path<(String, String)>,
    Json(input): Json<Value>,
) -> Answer<Called> {
    let trace = TraceId::new(s.engine.now());
    let hangup = Hangup(Cancel::new());
    let how =
        jackfield_engine::Call { cancel: hangup.0.clone(), ..jackfield_engine::Call::new(trace, Class::Interactive) };
    // In a task of its own: a caller that hangs up must not cut a write off in the middle, with nobody knowing.
    let call = tokio::spawn(async move {
        let done = s.engine.call(&id, &name, input, how).await;
        match &done {
            Ok(_) => tracing::info!(trace_id = %trace, connection = %id, action = %name, "called"),
            Err(e) => tracing::info!(trace_id = %trace, connection = %id, action = %name, error = %e, "a call failed"),
        }
        done
    });
    let outcome =
        call.await.unwrap_or_else(|_| Err(connector_core::Error::internal("the action panicked, which is a bug")));
    let output = outcome.map_err(|e| ApiError::from(e).traced(trace))?;
    drop(hangup);
    Ok(axum::Json(Called { output, trace_id: trace.to_string() }))
}
