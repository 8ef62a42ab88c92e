//! How the world reaches the gateway: webhooks, the REST API and its OpenAPI document, health, metrics.
//!
//! What lives here: HTTP in, HTTP out, and who may. What must not: deciding anything about events, runs or secrets,
//! which is the engine's.

mod access;
mod api;
mod auth;
mod error;
mod listen;
mod metrics;
mod pages;
mod webhooks;

use std::{net::IpAddr, sync::Arc};

use axum::{Router, response::IntoResponse};
use ipnet::IpNet;
use jackfield_engine::Engine;

pub use api::openapi;
pub use auth::ApiToken;
pub use listen::{Limits, serve};
pub use metrics::Metrics;

/// What the server is set up with.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The URL under which services reach the gateway, without a trailing slash. Some services sign it.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What `GET /metrics` answers; none: there is no such address.
    pub metrics: Option<Metrics>,
    /// The address that is listened at, by which it may be called beside the public URL and loopback names.
    pub listen: Option<std::net::SocketAddr>,
    /// Further host names by which it may be called, without ports.
    pub allowed_hosts: Vec<String>,
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) engine: Engine,
    pub(crate) config: Arc<Config>,
    pub(crate) token: Arc<ApiToken>,
    pub(crate) draining: tokio::sync::watch::Receiver<bool>,
    /// When readiness was last looked at, and what it was.
    pub(crate) last_ready: Arc<tokio::sync::Mutex<Option<(tokio::time::Instant, bool)>>>,
    /// What bodies of webhooks may take of the memory before they are verified, in KiB.
    pub(crate) body_kib: Arc<tokio::sync::Semaphore>,
    /// By which names the gateway lets itself be called.
    pub(crate) hosts: Arc<auth::Hosts>,
}

/// The gateway's routes. `draining` turns true when the process begins to stop: it is then no longer ready.
pub fn router(engine: Engine, config: Config, token: ApiToken, draining: tokio::sync::watch::Receiver<bool>) -> Router {
    let hosts = Arc::new(auth::Hosts::new(&config.public_url, config.listen, &config.allowed_hosts));
    let state = AppState {
        hosts,
        engine,
        config: Arc::new(config),
        token: Arc::new(token),
        draining,
        last_ready: Arc::default(),
        body_kib: Arc::new(tokio::sync::Semaphore::new(webhooks::BODY_KIB)),
    };
    Router::new()
        .merge(webhooks::routes())
        .merge(api::routes(&state))
        .merge(metrics::routes(&state))
        .merge(pages::routes(&state))
        .fallback(async || {
            error::ApiError::plain(
                http::StatusCode::NOT_FOUND,
                "not_found",
                "there is nothing at this address; the API is described at /openapi.json",
            )
        })
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_| {
            // What the panic said may hold anything; the log has it, the caller does not.
            error::ApiError::plain(
                http::StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "an internal error; the gateway's log has the details",
            )
            .into_response()
        }))
        .layer(tower_http::set_header::SetResponseHeaderLayer::overriding(
            http::header::X_CONTENT_TYPE_OPTIONS,
            http::HeaderValue::from_static("nosniff"),
        ))
        .layer(axum::middleware::from_fn_with_state(state.clone(), auth::known_host))
        .with_state(state)
}

/// What programs see that ask for no page.
pub(crate) fn front() -> &'static str {
    "Jackfield gateway.\n\n  POST /webhooks/{connector}/{connection}   services send their webhooks here\n  GET  /openapi.json                        what the REST API can do (bearer token in the state directory)\n  GET  /health/live, /health/ready          for supervisors\n  GET  /metrics                             for Prometheus\n"
}

/// The address that a request really comes from: the peer's, or what a trusted proxy says.
pub(crate) fn client_ip(peer: IpAddr, headers: &http::HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let believed = |ip: IpAddr| trusted.iter().any(|n| n.contains(&ip));
    if !believed(peer) {
        return peer;
    }
    // From the right: the nearest address that is no trusted proxy. What stands left of it anybody can write.
    let mut nearest = peer;
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|h| h.trim().parse().ok());
    for hop in hops.collect::<Vec<IpAddr>>().into_iter().rev() {
        nearest = hop;
        if !believed(hop) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let mut h = http::HeaderMap::new();
        h.insert("x-forwarded-for", "9.9.9.9, 203.0.113.7, 10.0.0.2".parse().unwrap());
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let ip = |s: &str| s.parse::<IpAddr>().unwrap();
        assert_eq!(client_ip(ip("10.0.0.1"), &h, &trusted), ip("203.0.113.7"));
        assert_eq!(client_ip(ip("198.51.100.1"), &h, &trusted), ip("198.51.100.1"));
        assert_eq!(client_ip(ip("10.0.0.1"), &h, &[]), ip("10.0.0.1"));
    }
}
