//! Who asks, whether they may, and the line that their doing leaves in the audit log: one guard before every route of the API
//! and every page, so that a new route cannot forget it.

mod browser;
mod form;
mod hosts;
mod record;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use connector_core::TraceId;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use jackfield_engine::{
    Engine,
    people::{Actor, Principal},
};
use jackfield_store::people::Scope;
use ring::digest;
use subtle::ConstantTimeEq;

pub(crate) use browser::{Browser, cookie, no_cookie};
pub(crate) use form::{Fields, Upload};
pub(crate) use hosts::{Hosts, known_host};
pub(crate) use record::Note;

use crate::{
    AppState,
    access::{self, Reach, Rule},
    error::ApiError,
    pages,
};

/// The operator's own token: whoever reads the state directory may everything. Only its hash is held.
#[derive(Clone)]
pub struct ApiToken([u8; 32]);

impl ApiToken {
    /// The token in the clear as it stands in its file; blanks around it do not count.
    pub fn new(token: &str) -> Self {
        Self(hash(token.trim().as_bytes()))
    }

    /// A new random token: 32 bytes, base64url.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> jackfield_engine::Result<connector_core::Secret> {
        Engine::random_token()
    }

    // Hashes are compared, so that neither the place of the first difference nor the length shows in the time taken.
    fn is(&self, given: &str) -> bool {
        self.0.ct_eq(&hash(given.as_bytes())).into()
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Who asks, as handlers get it.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// The browser's session, if it is one.
    pub(crate) browser: Option<Arc<Browser>>,
    /// The network address; none within the process.
    pub(crate) from: Option<IpAddr>,
    /// The trace of this request.
    pub(crate) trace: TraceId,
}

impl Caller {
    /// An error for what lies beyond the principal's connections: the same as for what is not there.
    pub(crate) fn reaches(&self, connection: Option<&str>, what: &'static str, id: &str) -> Result<(), ApiError> {
        let within = match connection {
            Some(c) => self.principal.reaches(c),
            None => self.principal.connections().is_none(),
        };
        if within { Ok(()) } else { Err(jackfield_store::StoreError::NotFound(what, id.to_owned()).into()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Missing only where a route was made without the guard, which must not be served then.
        parts.extensions.get::<Self>().cloned().ok_or_else(unstated)
    }
}

fn unstated() -> ApiError {
    ApiError::plain(StatusCode::FORBIDDEN, "refused", "this route does not state who may use it, which is a bug")
}

/// A refusal in the form that the route's callers read.
fn refuse(s: &AppState, rule: &Rule, status: StatusCode, kind: &str, text: &str) -> Response {
    if rule.is_page() {
        return pages::failure(s, status, text);
    }
    let mut response = ApiError::plain(status, kind, text).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The guard: authenticates, asks for the route's scope, protects against other sites' forms, and writes the audit log.
pub(crate) async fn guard(State(s): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let rule = parts.extensions.get::<MatchedPath>().and_then(|p| access::rule(&parts.method, p.as_str()));
    let Some(rule) = rule else {
        // A method that the route does not have passes: the router answers it.
        let known =
            parts.extensions.get::<MatchedPath>().is_some_and(|p| access::RULES.iter().any(|r| r.path == p.as_str()));
        if known {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        tracing::error!(path = parts.uri.path(), "a route has no line in access.rs and is refused");
        return unstated().into_response();
    };
    let from = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| crate::client_ip(c.0.ip(), &parts.headers, &s.config.trusted_proxies));
    let trace = TraceId::new(s.engine.now());
    let (principal, browser) = match identify(&s, &parts.headers).await {
        Ok(who) => who,
        Err(Refusal::Token(text)) => return refuse(&s, rule, StatusCode::UNAUTHORIZED, "unauthorized", text),
        Err(Refusal::Engine(e)) => return ApiError::from(e).into_response(),
    };
    let caller = Caller { principal, browser: browser.map(Arc::new), from, trace };
    let params = RawPathParams::from_request_parts(&mut parts, &s).await.ok();
    let id = params.as_ref().and_then(|p| p.iter().find(|(n, _)| *n == "id")).map(|(_, v)| v.to_owned());
    let writes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if let Err((status, kind, text)) = allowed(rule, &caller, id.as_deref()) {
        if status == StatusCode::UNAUTHORIZED && rule.is_page() {
            return pages::to_login(&parts.uri);
        }
        let response = refuse(&s, rule, status, kind, &text);
        // What somebody known was refused is of interest; what a stranger was, anybody could make as much of as they like.
        if writes && caller.principal.actor != Actor::Nobody {
            record::begin(&s, rule, &parts, &caller, id).end(response.status()).await;
        }
        return response;
    }
    let mut body = body;
    if writes
        && caller.browser.is_some() | rule.is_page()
        && !matches!(caller.principal.actor, Actor::Operator | Actor::Token { .. })
    {
        match from_our_own_page(&s, &mut parts, body, caller.browser.as_deref()).await {
            Ok(b) => body = b,
            Err(text) => {
                tracing::warn!(path = rule.path, %text, "a form of another site was refused");
                return refuse(&s, rule, StatusCode::FORBIDDEN, "refused", text);
            }
        }
    }
    let pending = writes.then(|| record::begin(&s, rule, &parts, &caller, id));
    if let Some(p) = &pending {
        if let Some(form) = parts.extensions.get::<Fields>() {
            p.note().form(form);
        }
        parts.extensions.insert(p.note());
    }
    parts.extensions.insert(caller);
    let response = next.run(Request::from_parts(parts, body)).await;
    if let Some(p) = pending {
        p.end(response.status()).await;
    }
    response
}

enum Refusal {
    Token(&'static str),
    Engine(jackfield_engine::EngineError),
}

/// Who asks: by a bearer token, which goes first, or by a browser's session.
async fn identify(s: &AppState, headers: &HeaderMap) -> Result<(Principal, Option<Browser>), Refusal> {
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        const NO_BEARER: &str = "the header `Authorization` must be `Bearer` and a token";
        let token = given.to_str().ok().and_then(|v| v.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, t)| t.trim());
        let token = token.ok_or(Refusal::Token(NO_BEARER))?;
        if s.token.is(token) {
            return Ok((Principal::operator(), None));
        }
        let who = s.engine.recognize(token).await.map_err(Refusal::Engine)?;
        return who.map(|p| (p, None)).map_err(|e| Refusal::Token(e.text()));
    }
    let Some(id) = browser::session_id(s, headers) else { return Ok((Principal::nobody(), None)) };
    match s.engine.session(id).await.map_err(Refusal::Engine)? {
        Some((session, person)) => {
            Ok((Principal::person(&person), Some(Browser { csrf: browser::csrf(id), session, person })))
        }
        None => Ok((Principal::nobody(), None)),
    }
}

type Denied = (StatusCode, &'static str, String);

/// Whether the caller may use the route.
fn allowed(rule: &Rule, caller: &Caller, id: Option<&str>) -> Result<(), Denied> {
    let Some(scope) = rule.scope else { return Ok(()) };
    let p = &caller.principal;
    if p.actor == Actor::Nobody {
        let text = "a bearer token is needed: `Authorization: Bearer …`; make one with `jackfield tokens create`, or take the operator's from the file `token` in the state directory";
        return Err((StatusCode::UNAUTHORIZED, "unauthorized", text.into()));
    }
    let denied = |text: String| Err((StatusCode::FORBIDDEN, "refused", text));
    if !p.may(scope) {
        return denied(match p.actor {
            Actor::Person(_) => format!("your role does not allow this: it needs the scope `{}`", scope.as_str()),
            _ => format!("the token does not have the scope `{}`, which this needs", scope.as_str()),
        });
    }
    let limited = p.connections().is_some();
    match rule.reach {
        Reach::Connection if !id.is_some_and(|id| p.reaches(id)) => {
            denied("the token is limited to other connections".into())
        }
        Reach::Whole if limited => {
            denied("the token is limited to some connections, and this is about the whole gateway".into())
        }
        _ => Ok(()),
    }
}

/// Whether a writing request comes from a page of ours: by what the browser says of its origin and, once somebody is signed
/// in, by a token that only our pages have. Gives the body back, since a form's is read for it.
async fn from_our_own_page(
    s: &AppState,
    parts: &mut Parts,
    body: Body,
    browser: Option<&Browser>,
) -> Result<Body, &'static str> {
    browser::same_origin(&s.hosts, &parts.headers)?;
    let (fields, body) = form::read(&parts.headers, body).await?;
    let given = match parts.headers.get(browser::CSRF_HEADER) {
        Some(v) => v.to_str().ok().map(str::to_owned),
        None => fields.as_ref().and_then(|f| f.get(browser::CSRF_FIELD).map(str::to_owned)),
    };
    if let Some(b) = browser {
        let right = given.is_some_and(|g| bool::from(g.as_bytes().ct_eq(b.csrf.as_bytes())));
        if !right {
            return Err("the form was not made for this session; load the page again and send it once more");
        }
    }
    if let Some(f) = fields {
        parts.extensions.insert(f);
    }
    Ok(body)
}

/// The scopes that may be asked for, for forms.
pub(crate) const SCOPES: [Scope; 3] = Scope::ALL;
