//! A hostile fake of one service, made from a connector's fixtures: for demonstrations, faults and end-to-end tests.
//!
//! What lives here: the fake as its users see it. `learn` and `route` say what it answers to, `shape` what a body must look
//! like, `mood` how it behaves badly, `service` what it makes of a request, `wire` and `server` are HTTP/1.1 on a socket.
//! It takes nothing for granted: a request that no fixture of the connector would send is refused with words that name
//! the difference, and remembered as a violation. What must not: knowledge of any one service.

mod answer;
mod credential;
mod learn;
mod mood;
mod offline;
mod pause;
mod route;
mod server;
mod service;
mod shape;
mod wire;

use std::{collections::BTreeMap, io, sync::Arc};

use connector_core::{Connector, SecretMap, Timestamp};
use serde_json::{Map, Value};

pub use mood::Misbehaviour;
pub(crate) use offline::{Answered, Offline};
pub use pause::PauseStyle;
pub use route::Mismatch;
pub(crate) use route::Routes;

use crate::{fixture::FixtureSet, values::TestValues};

/// Most calls that are remembered; older ones are forgotten.
pub const MOST_REMEMBERED: usize = 1000;

/// Where the routes think that they are; a running fake puts its own address in place of it.
pub(crate) const ORIGIN: &str = "http://fake.example";

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
    /// The status it was answered with; 0 where it was not answered.
    pub status: u16,
    /// Whether it changed something: a write that was carried out, whatever was answered then.
    pub effect: bool,
}

/// A running fake. It stops when it is dropped.
pub struct FakeService {
    service: Arc<service::Service>,
    base_url: String,
    _running: server::Running,
}

impl FakeService {
    /// Starts a fake of this connector's service on a free port of the loopback interface. It is served by a thread of its
    /// own, so that it can be called from where no runtime is.
    ///
    /// # Errors
    /// When there is no free port, or no thread to be had.
    pub async fn start(connector: &Connector, fixtures: &FixtureSet) -> io::Result<Self> {
        Self::open(connector, Arc::new(Routes::of(connector, fixtures)), &Map::new())
    }

    /// Starts a fake with routes that were learned before, for a connection with these values laid over.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn open(connector: &Connector, routes: Arc<Routes>, overrides: &Map<String, Value>) -> io::Result<Self> {
        let door = server::Door::open()?;
        let base_url = format!("http://{}", door.address);
        let values = values_at(connector, &base_url, overrides);
        let service = Arc::new(service::Service::new(routes, base_url.clone(), values));
        let running = door.serve(service.clone())?;
        Ok(Self { service, base_url, _running: running })
    }

    /// Where it listens: `http://127.0.0.1:<port>`, without a trailing slash or path.
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// A URL of the real service as the fake has it: same path and query, the fake's origin.
    pub fn rehome(&self, url: &str) -> String {
        rehome(&self.base_url, url)
    }

    /// Connection values that lead to the fake: URL params moved to its origin, all else from defaults and examples.
    pub fn values(&self) -> Map<String, Value> {
        self.service.values.values.clone()
    }

    /// The secrets that the fake accepts, those that are URLs moved to its origin.
    pub fn secrets(&self) -> SecretMap {
        self.test_values().secrets(&[])
    }

    /// The same secrets as texts, by param id: made up by this kit, for forms and configuration of a demonstration.
    pub fn secret_texts(&self) -> BTreeMap<String, String> {
        self.test_values().canaries
    }

    /// The connection that it accepts now.
    pub(crate) fn test_values(&self) -> TestValues {
        let mut values = self.service.values.clone();
        if self.service.state().renewed {
            values.canaries.values_mut().for_each(|c| *c = credential::renewed(c));
        }
        values
    }

    /// Renews the credentials: those given out before are answered 401 (or as the route's fixture of refused credentials
    /// says) from now on, and [`secrets`](Self::secrets) gives the new ones.
    pub fn refresh(&self) {
        self.service.state().renewed = true;
    }

    /// Tells this time in what it says of pauses, in place of the machine's.
    pub fn tell_time(&self, now: Timestamp) {
        self.service.state().now = Some(now);
    }

    /// Misbehaves for the next `calls` calls, after what was asked for before; `usize::MAX` is for good.
    pub fn misbehave(&self, how: Misbehaviour, calls: usize) {
        self.service.misbehave(how, calls);
    }

    /// The calls so far, oldest first, at most [`MOST_REMEMBERED`].
    pub fn received(&self) -> Vec<Received> {
        self.service.state().received.iter().cloned().collect()
    }

    /// Every call that was not as the fixtures say, in words; at most [`MOST_REMEMBERED`].
    pub fn violations(&self) -> Vec<String> {
        self.service.state().violations.iter().cloned().collect()
    }

    /// How many writes were carried out, whatever was answered then. What is a write is known from the actions that the
    /// fixtures are of: a request that some action sends to change something, and none that only reads.
    pub fn effects(&self) -> usize {
        self.service.state().effects
    }

    /// Forgets the calls, and goes on behaving as it does.
    pub(crate) fn forget_calls(&self) {
        self.service.state().received.clear();
    }

    /// Forgets calls, effects, violations and misbehaviours. Credentials stay renewed.
    pub fn reset(&self) {
        self.service.reset();
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
