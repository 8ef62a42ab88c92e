//! The pages for people: plain HTML that works without JavaScript.
//!
//! What lives here: routes, what a page needs to be shown, the frame. What must not: rules, which are the engine's; who may,
//! which is the guard's (every page has its line in `access.rs`).

mod account;
mod apps;
mod assets;
mod audit;
mod connect;
mod connection;
mod consent;
mod door;
mod fields;
mod frame;
mod overview;
mod people;

use axum::{
    Router,
    extract::FromRequestParts,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts};
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) use frame::{Page, Problem, mark};

use crate::{
    AppState,
    auth::{self, Caller},
};

pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let pages = Router::new()
        .route("/", get(overview::show))
        .route("/setup", get(door::setup).post(door::set_up))
        .route("/login", get(door::login).post(door::log_in))
        .route("/logout", post(door::log_out))
        .route("/account", get(account::show))
        .route("/account/password", post(account::password))
        .route("/account/sessions/end-all", post(account::end_all))
        .route("/account/sessions/{id}/end", post(account::end_session))
        .route("/account/tokens", post(account::make_token))
        .route("/account/tokens/{id}/revoke", post(account::revoke_token))
        .route("/people", get(people::show).post(people::add))
        .route("/people/{id}/role", post(people::role))
        .route("/people/{id}/disable", post(people::disable))
        .route("/people/{id}/enable", post(people::enable))
        .route("/people/{id}/invite", post(people::invite))
        .route("/people/{id}/remove", post(people::remove))
        .route("/audit", get(audit::show))
        .route("/connect", get(connect::catalog).post(connect::begin))
        .route("/connect/{id}", get(connect::show))
        .route("/connect/{id}/steps/{step}", post(connect::step))
        .route("/connect/{id}/consent", post(connect::send_to_service))
        .route("/connect/{id}/cancel", post(connect::cancel))
        .route("/apps", get(apps::list))
        .route("/apps/new", get(apps::new).post(apps::put))
        .route("/connections/{id}", get(connection::show))
        .route("/connections/{id}/update", post(connection::update))
        .route("/connections/{id}/enable", post(connection::enable))
        .route("/connections/{id}/disable", post(connection::disable))
        .route("/connections/{id}/check", post(connection::check))
        .route("/connections/{id}/remove", get(connection::ask_removal).post(connection::remove))
        .route("/oauth/begin/{ticket}", get(consent::ticket).post(consent::begin))
        .route("/oauth/callback", get(consent::callback));
    let guarded = pages.layer(middleware::from_fn_with_state(state.clone(), auth::guard));
    // What every page says to the browser beside its own policy: shown in no frame, kept in no cache. The referrer stays
    // within our own pages; `no-referrer` would have browsers send forms with the origin `null`, which tells ours from nobody's.
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .merge(guarded)
        .route("/assets/{file}", get(assets::serve))
        .route("/assets/icons/{id}", get(assets::icon))
        .layer(set(header::REFERRER_POLICY, "same-origin"))
        .layer(set(header::X_FRAME_OPTIONS, "DENY"))
        .layer(set(header::CACHE_CONTROL, "no-store"))
}

/// Somebody who is signed in, as a page's handler needs them.
pub(crate) struct Viewer {
    pub(crate) caller: Caller,
}

impl std::ops::Deref for Viewer {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, s: &S) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, s).await.map_err(IntoResponse::into_response)?;
        // A token opens the API; pages are for people.
        if caller.browser.is_none() { Err(to_login(&parts.uri)) } else { Ok(Self { caller }) }
    }
}

/// To the page where people sign in, and back afterwards.
pub(crate) fn to_login(uri: &Uri) -> Response {
    let next: String = url::form_urlencoded::byte_serialize(uri.path().as_bytes()).collect();
    go(&format!("/login?next={next}"))
}

/// To another page, by GET.
pub(crate) fn go(to: &str) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// A page that says what went wrong.
pub(crate) fn failure(s: &AppState, status: StatusCode, text: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    Page::new("message.html", title).status(status).with(serde_json::json!({"text": text})).show(s, None)
}

/// Shows an error of the engine as a page.
pub(crate) fn failed(s: &AppState, e: impl Into<crate::error::ApiError>) -> Response {
    let e = e.into();
    failure(s, e.status(), &e.text())
}
