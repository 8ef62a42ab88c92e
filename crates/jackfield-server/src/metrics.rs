//! `GET /metrics`: the process's metrics as text, for a Prometheus server.
//!
//! What lives here: the address and who may ask. What must not: recording and writing them, which is whoever runs the
//! process: a library does not choose its process's recorder.

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::{AppState, auth};

/// The form of the text.
const FORM: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What `GET /metrics` answers, and to whom.
#[derive(Clone)]
pub struct Metrics {
    /// Writes them in Prometheus' text form. Called at every request; must return at once.
    pub render: Arc<dyn Fn() -> String + Send + Sync>,
    /// Whether anybody may ask; else the token of the REST API is needed.
    pub open: bool,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").field("open", &self.open).finish_non_exhaustive()
    }
}

pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let Some(metrics) = state.config.metrics.clone() else { return Router::new() };
    let render = metrics.render;
    let router = Router::new().route("/metrics", get(async move || ([(http::header::CONTENT_TYPE, FORM)], render())));
    match metrics.open {
        true => router,
        false => router.route_layer(axum::middleware::from_fn_with_state(state.clone(), auth::guard)),
    }
}
