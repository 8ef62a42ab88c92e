//! A hostile fake of one service, made from a connector's fixtures: for demonstrations, faults and end-to-end tests.
//!
//! What lives here: the server and its moods. `route` says what it answers to, `shape` what a body must look like.
//! It takes nothing for granted: a request that no fixture of the connector would send is refused with words that name
//! the difference, and remembered as a violation. What must not: knowledge of any one service.

mod answer;
mod offline;
mod route;
mod shape;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connector_core::{Connector, SecretMap};
use serde_json::{Map, Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub(crate) use offline::Offline;
pub use route::Mismatch;
pub(crate) use route::Routes;

use crate::{fixture::FixtureSet, values::TestValues};

/// Most calls that are remembered; older ones are forgotten.
pub const MOST_REMEMBERED: usize = 1000;

/// How the fake behaves badly.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// Answers with this status and a text.
    Status(u16),
    /// Answers 429, as the route's `rate_limited` fixture does if there is one.
    RateLimited {
        /// The pause it asks for, in whole seconds.
        retry_after: Option<u64>,
    },
    /// Answers well, after this long.
    Slow(Duration),
    /// Answers with half of the body.
    Truncated,
    /// Answers with an HTML page and the status of a success.
    NotJson,
    /// Answers with no body and the status of a success.
    Empty,
}

/// A call that the fake received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Method.
    pub method: String,
    /// Path, as it was sent.
    pub path: String,
    /// Raw query, without the question mark.
    pub query: String,
    /// The body, broken UTF-8 replaced.
    pub body: String,
    /// The status it was answered with.
    pub status: u16,
}

#[derive(Default)]
struct State {
    moods: VecDeque<(Misbehaviour, usize)>,
    received: VecDeque<Received>,
    violations: VecDeque<String>,
}

/// A running fake. It stops when it is dropped.
pub struct FakeService {
    server: MockServer,
    state: Arc<Mutex<State>>,
    values: TestValues,
}

impl FakeService {
    /// Starts a fake of this connector's service on a free port of the loopback interface.
    pub async fn start(connector: &Connector, fixtures: &FixtureSet) -> Self {
        let server = MockServer::builder().disable_request_recording().start().await;
        let origin = server.uri();
        let values = values_at(connector, &origin, &Map::new());
        let state = Arc::new(Mutex::new(State::default()));
        let routes = Routes::of(connector, fixtures, &origin, &values);
        let responder = Responder { routes, state: state.clone() };
        Mock::given(any()).respond_with(responder).mount(&server).await;
        Self { server, state, values }
    }

    /// Where it listens: `http://127.0.0.1:<port>`, without a trailing slash or path.
    pub fn base_url(&self) -> String {
        self.server.uri()
    }

    /// A URL of the real service as the fake has it: same path and query, the fake's origin.
    pub fn rehome(&self, url: &str) -> String {
        rehome(&self.server.uri(), url)
    }

    /// Connection values that lead to the fake: URL params moved to its origin, all else from defaults and examples.
    pub fn values(&self) -> Map<String, Value> {
        self.values.values.clone()
    }

    /// The secrets that the fake accepts, those that are URLs moved to its origin.
    pub fn secrets(&self) -> SecretMap {
        self.values.secrets(&[])
    }

    /// The same secrets as texts, by param id: made up by this kit, for forms and configuration of a demonstration.
    pub fn secret_texts(&self) -> BTreeMap<String, String> {
        self.values.canaries.clone()
    }

    /// Misbehaves for the next `calls` calls, after what was asked for before.
    pub fn misbehave(&self, how: Misbehaviour, calls: usize) {
        if calls > 0 {
            self.lock().moods.push_back((how, calls));
        }
    }

    /// The calls so far, oldest first, at most [`MOST_REMEMBERED`].
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.iter().cloned().collect()
    }

    /// Every call that was not as the fixtures say, in words; at most [`MOST_REMEMBERED`].
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.iter().cloned().collect()
    }

    /// Forgets calls, violations and moods.
    pub fn reset(&self) {
        *self.lock() = State::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Test values whose URLs lead to `origin`.
fn values_at(connector: &Connector, origin: &str, overrides: &Map<String, Value>) -> TestValues {
    let mut values = TestValues::of(connector, overrides).0;
    // Only what is declared a URL is one; a text that looks like one stays.
    for p in connector.info().params.iter().filter(|p| p.format.as_deref() == Some("uri")) {
        if let Some(Value::String(s)) = values.values.get_mut(&p.id) {
            *s = rehome(origin, s);
        }
    }
    for secret in values.canaries.values_mut() {
        *secret = rehome(origin, secret);
    }
    values
}

/// The URL at another origin; a text that is no http URL stays as it is.
fn rehome(origin: &str, url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    if !matches!(scheme, "http" | "https") {
        return url.to_owned();
    }
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or_default();
    format!("{origin}{path}")
}

struct Responder {
    routes: Routes,
    state: Arc<Mutex<State>>,
}

impl Responder {
    fn mood(&self) -> Option<Misbehaviour> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (how, left) = state.moods.front_mut()?;
        let how = how.clone();
        *left -= 1;
        if *left == 0 {
            state.moods.pop_front();
        }
        Some(how)
    }

    fn remember(&self, request: &Request, status: u16, violation: Option<String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.received.push_back(Received {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query: request.url.query().unwrap_or_default().to_owned(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
            status,
        });
        if state.received.len() > MOST_REMEMBERED {
            state.received.pop_front();
        }
        if let Some(v) = violation {
            state.violations.push_back(v);
            if state.violations.len() > MOST_REMEMBERED {
                state.violations.pop_front();
            }
        }
    }
}

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mood = self.mood();
        match self.routes.answer(request) {
            Err(Mismatch { status, text }) => {
                let place = format!("{} {}: {text}", request.method, request.url.path());
                self.remember(request, status, Some(place));
                ResponseTemplate::new(status).set_body_json(json!({"ok": false, "error": text, "message": text}))
            }
            Ok(good) => {
                let answer = match mood {
                    None => good,
                    Some(Misbehaviour::RateLimited { retry_after }) => {
                        self.routes.rate_limited(request, retry_after).unwrap_or_else(|| answer::plain_429(retry_after))
                    }
                    Some(how) => answer::spoilt(good, &how),
                };
                self.remember(request, answer.status, None);
                answer.template()
            }
        }
    }
}
