//! The REST API, `/v1`. Routes and the OpenAPI document come from one declaration.
//!
//! What lives here: handlers, and the views they answer with. What must not: rules, which are the engine's.

mod audit;
mod auth;
mod calls;
mod connectors;
mod descriptors;
mod health;
mod health_stream;
mod history;
mod installations;
mod options;
mod people;
mod resources;
mod signals;
mod stream;
mod tokens;
mod vault;
mod views;

use std::{sync::LazyLock, time::Duration};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::StatusCode;
use serde::Serialize;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use health_stream::STREAMS;

use crate::{
    AppState, auth as guard,
    error::{ApiError, ErrorBody},
};

/// Result of a handler.
type Answer<T> = Result<axum::Json<T>, ApiError>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jackfield",
        description = "One typed definition per service, usable everywhere. Webhooks come in at `/webhooks/{connector}/{connection}`; this API calls actions, shows what happened and manages apps, connections and flows. Every error has the same body.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT")
    ),
    components(schemas(ErrorBody)),
    security(("token" = [])),
    modifiers(&Bearer)
)]
struct Doc;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, doc: &mut utoipa::openapi::OpenApi) {
        let mut http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        http.description = Some("A token of the API (`POST /v1/tokens`, `jackfield tokens create`), or the operator's own in the file `token` in the gateway's state directory. Each route needs one of the scopes `read`, `act`, `manage`.".into());
        doc.components
            .get_or_insert_default()
            .security_schemes
            .insert("token".into(), SecurityScheme::Http(http).into());
        // Every operation can fail the same ways; said once here and not at each handler.
        for item in doc.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch];
            for op in operations.into_iter().flatten() {
                op.responses.responses.insert(
                    "default".into(),
                    utoipa::openapi::ResponseBuilder::new()
                        .description("An error: 400 or 422 for wrong input with every failing field, 401 without a token, 403 without its scope, 404, 409, 429, and 502, 503 or 504 for what is not the caller's fault.")
                        .content(
                            "application/json",
                            utoipa::openapi::ContentBuilder::new().schema(Some(utoipa::openapi::Ref::from_schema_name("ErrorBody"))).build(),
                        )
                        .build()
                        .into(),
                );
            }
        }
    }
}

fn v1() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Doc::openapi())
        .routes(routes!(status))
        .routes(routes!(connectors::list))
        .routes(routes!(connectors::show))
        .routes(routes!(resources::list_apps))
        .routes(routes!(resources::show_app, resources::put_app, resources::delete_app))
        .routes(routes!(resources::list_connections))
        .routes(routes!(resources::show_connection, resources::put_connection, installations::remove_connection))
        .routes(routes!(resources::check_connection))
        .routes(routes!(resources::enable_connection))
        .routes(routes!(resources::disable_connection))
        .routes(routes!(resources::put_app_secret, resources::remove_app_secret))
        .routes(routes!(resources::put_connection_secret, resources::remove_connection_secret))
        .routes(routes!(resources::end_app_rotation))
        .routes(routes!(resources::end_connection_rotation))
        .routes(routes!(resources::list_flows))
        .routes(routes!(resources::show_flow, resources::put_flow, resources::delete_flow))
        .routes(routes!(resources::enable_flow))
        .routes(routes!(resources::disable_flow))
        .routes(routes!(resources::apply))
        .routes(routes!(calls::call, descriptors::show))
        .routes(routes!(history::deliveries))
        .routes(routes!(history::delivery))
        .routes(routes!(history::refused))
        .routes(routes!(history::events))
        .routes(routes!(history::event))
        .routes(routes!(history::replay))
        .routes(routes!(history::runs))
        .routes(routes!(history::run))
        .routes(routes!(history::retry))
        .routes(routes!(history::settle))
        .routes(routes!(signals::list))
        .routes(routes!(options::list))
        .routes(routes!(auth::show))
        .routes(routes!(auth::refresh))
        .routes(routes!(vault::list_secrets))
        .routes(routes!(vault::put_secret, vault::remove_secret))
        .routes(routes!(vault::list_files, vault::put_file))
        .routes(routes!(vault::get_file, vault::remove_file))
        .routes(routes!(vault::keys))
        .routes(routes!(vault::rotate_key))
        .routes(routes!(vault::take_backup))
        .routes(routes!(vault::get_backup, vault::drop_backup))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::set_up))
        .routes(routes!(people::show, people::change, people::remove))
        .routes(routes!(people::invite))
        .routes(routes!(people::sign_out))
        .routes(routes!(people::sessions))
        .routes(routes!(people::end_session))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(health::list))
        .routes(routes!(health::show))
        .routes(routes!(health_stream::stream))
        .routes(routes!(descriptors::list))
        .routes(routes!(descriptors::describe))
        .routes(routes!(installations::list, installations::begin))
        .routes(routes!(installations::show, installations::cancel))
        .routes(routes!(installations::step))
        .routes(routes!(installations::consent_address))
        .routes(routes!(installations::hooks))
        .routes(routes!(installations::app_guide))
}

/// The OpenAPI 3.1 document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut doc) = v1().split_for_parts();
    // The modifier ran before the routes were there.
    Bearer.modify(&mut doc);
    doc
}

pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let (router, _) = v1().split_for_parts();
    let guarded = router.layer(axum::middleware::from_fn_with_state(state.clone(), guard::guard));
    Router::new()
        .merge(guarded)
        .route("/openapi.json", get(document))
        .route("/health/live", get(async || "live\n"))
        .route("/health/ready", get(ready))
}

/// Anybody may ask for it, so it is made once.
async fn document() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| openapi().to_json().unwrap_or_default());
    ([(http::header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// How long an answer about readiness holds: the question costs a write, and anybody may ask it.
const READY_HOLDS: Duration = Duration::from_secs(1);

async fn ready(State(s): State<AppState>) -> (StatusCode, &'static str) {
    if *s.draining.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let mut last = s.last_ready.lock().await;
    let well = match *last {
        Some((at, well)) if at.elapsed() < READY_HOLDS => well,
        _ => {
            let well = s.engine.store().ready().await.inspect_err(|e| tracing::error!(error = %e, "not ready")).is_ok();
            *last = Some((tokio::time::Instant::now(), well));
            well
        }
    };
    if well { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "the store cannot be written\n") }
}

/// The gateway and how much it holds.
#[derive(Serialize, ToSchema)]
struct Status {
    /// The version of the running binary.
    version: &'static str,
    /// The URL under which services reach it.
    public_url: String,
    /// How many connectors are compiled in or registered.
    connectors: usize,
    /// Rows by kind.
    counts: std::collections::BTreeMap<String, u64>,
}

/// Shows the gateway's version and how much it holds.
#[utoipa::path(get, path = "/v1/status", tag = "gateway", responses((status = 200, body = Status)))]
async fn status(State(s): State<AppState>) -> Answer<Status> {
    Ok(axum::Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        public_url: s.config.public_url.clone(),
        connectors: s.engine.registry().list().len(),
        counts: s.engine.store().counts().await?,
    }))
}

/// The address at which an invitation's code is redeemed.
pub(crate) fn setup_url(s: &AppState, code: &connector_core::Secret) -> String {
    format!("{}/setup?code={}", s.config.public_url, code.expose_str().unwrap_or_default())
}

/// An id in a path.
fn uuid(text: &str) -> Result<uuid::Uuid, ApiError> {
    text.parse().map_err(|_| connector_core::Error::invalid_field("/id", "must be a UUID").into())
}
