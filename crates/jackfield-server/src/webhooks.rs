//! Webhooks in: `/webhooks/{connector}/{connection}` and, for services that send everything of an app to one address,
//! `/webhooks/{connector}`.
//!
//! The sender of a refused request learns the status and nothing more.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use connector_core::webhook::{HttpAnswer, Inbound};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jackfield_engine::{Address, Answer};

use crate::AppState;

/// How long a sender may take to send the body.
const BODY_TIME: Duration = Duration::from_secs(20);
/// What all bodies together may take of the memory before they are verified: 256 MiB. Beyond it senders are asked to come
/// again.
pub(crate) const BODY_KIB: usize = 256 << 10;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/webhooks/{connector}", any(app_wide))
        .route("/webhooks/{connector}/{connection}", any(own))
        .route("/webhooks/{connector}/{connection}/{*tail}", any(with_tail))
}

async fn app_wide(State(s): State<AppState>, Path(connector): Path<String>, request: Request) -> Response {
    take(s, Address { connector, connection: None }, String::new(), request).await
}

async fn own(
    State(s): State<AppState>,
    Path((connector, connection)): Path<(String, String)>,
    request: Request,
) -> Response {
    take(s, Address { connector, connection: Some(connection) }, String::new(), request).await
}

async fn with_tail(
    State(s): State<AppState>,
    Path((connector, connection, tail)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    take(s, Address { connector, connection: Some(connection) }, tail, request).await
}

async fn take(s: AppState, address: Address, tail: String, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let from =
        peer.map(|p| crate::client_ip(p, request.headers(), &s.config.trusted_proxies).to_string()).unwrap_or_default();
    let connector = address.connector.clone();
    let response = answer(&s, address, tail, request).await;
    tracing::debug!(%connector, %from, status = response.status().as_u16(), "webhook");
    response
}

async fn answer(s: &AppState, address: Address, tail: String, request: Request) -> Response {
    let target = match s.engine.resolve(address).await {
        Ok(Some(t)) => t,
        Ok(None) => return refused(404),
        Err(e) => {
            tracing::error!(error = %e, "a webhook's address could not be looked up");
            return unavailable();
        }
    };
    let refuse = |status: u16, reason: &str| {
        s.engine.refuse(target.address(), status, reason);
        refused(status)
    };
    let (parts, body) = request.into_parts();
    // Signatures are over the bytes that were sent; a compressed body would have to be trusted before it is verified.
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|v| v != "identity") {
        return refuse(415, "the body is compressed");
    }
    // What it says of its length is enough to refuse it, and to set memory aside for it.
    let said =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if let Some(n) = said.filter(|n| *n > target.max_body()) {
        drain(body, n).await;
        return refuse(413, "the body is too large");
    }
    let kib = u32::try_from(said.unwrap_or_else(|| target.max_body()) / 1024 + 1).unwrap_or(u32::MAX);
    let Ok(_memory) = s.body_kib.try_acquire_many(kib) else {
        s.engine.refuse(target.address(), 503, "too many bodies are being read at once");
        return unavailable();
    };
    let bytes = match tokio::time::timeout(BODY_TIME, Limited::new(body, target.max_body()).collect()).await {
        Ok(Ok(b)) => b.to_bytes(),
        Ok(Err(e)) if e.is::<LengthLimitError>() => return refuse(413, "the body is too large"),
        Ok(Err(_)) => return refuse(400, "the body ended too early"),
        Err(_) => return refuse(408, "the body took too long"),
    };
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let url = format!("{}{path}", s.config.public_url);
    let inbound = Inbound::new(parts.method, url, parts.headers, bytes, s.engine.now()).with_path_tail(tail);
    match s.engine.receive(&target, inbound).await {
        Ok(Answer::Http(a)) => http_answer(a),
        Ok(Answer::Refused(status)) => refused(status),
        Ok(Answer::Unavailable) => unavailable(),
        Err(e) => {
            tracing::error!(error = %e, "a webhook could not be taken in");
            unavailable()
        }
    }
}

/// Reads what is refused and keeps none of it: a sender whose connection is closed while it still sends sees a broken pipe
/// in place of the answer. What is far too large, or comes slowly, is cut off all the same.
async fn drain(body: Body, said: usize) {
    const MOST: usize = 64 << 20;
    const TIME: Duration = Duration::from_secs(5);
    if said > MOST {
        return;
    }
    let mut body = Limited::new(body, MOST);
    let _ = tokio::time::timeout(TIME, async { while let Some(Ok(_)) = body.frame().await {} }).await;
}

fn refused(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST).into_response()
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response()
}

fn http_answer(a: HttpAnswer) -> Response {
    let mut r = Response::new(Body::from(a.body));
    *r.status_mut() = StatusCode::from_u16(a.status).unwrap_or(StatusCode::OK);
    if let Some(t) = a.content_type {
        r.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(t));
    }
    if let Some((name, value)) = a.header
        && let (Ok(n), Ok(v)) = (http::HeaderName::try_from(name), HeaderValue::from_str(&value))
    {
        r.headers_mut().insert(n, v);
    }
    r
}
