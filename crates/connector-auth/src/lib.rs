//! How connections come to their tokens and keep them: consent, grants, renewal.
//!
//! What lives here: requests to token addresses, the state machine of a token's life, and what holds a connection's
//! credentials for its calls. It is a library: an application can use it without the gateway. What must not: an HTTP client
//! (requests go through a [`connector_core::Transport`]), a database (tokens are kept by a
//! [`connector_core::auth::TokenStore`]), pages.
//!
//! A connection that a person consents to: [`Auth::begin`] gives the address to send the person to, [`Auth::finish`] takes
//! what came back, [`Auth::keep`] keeps it, and [`Auth::credentials`] is what its calls are filled from from then on.

mod answer;
mod consent;
mod credentials;
mod device;
mod failure;
mod grant;
mod jwt;
pub mod machine;
mod memory;
mod party;
mod renew;
mod request;
mod revoke;
mod sites;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use connector_core::{
    Clock, Transport,
    auth::{AuthState, TokenStore},
};
use jiff::Timestamp;

pub use consent::{Callback, Pending};
pub use credentials::Credentials;
pub use device::Device;
pub use grant::Granted;
pub use memory::MemoryTokens;
pub use party::Party;
pub use revoke::Revoked;
pub use sites::Site;

/// What [`Auth`] is tuned by.
#[derive(Clone)]
pub struct Options {
    /// Total time of a request to a token address.
    pub request_time: Duration,
    /// How long the right to renew lasts. Longer than a request may take, or two processes renew at once; as long as this a
    /// renewal waits after a process was killed in the middle of one.
    pub lease: Duration,
    /// Told when a connection's credentials begin to work or cease to.
    pub watch: Option<Arc<dyn Watch>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { request_time: Duration::from_secs(30), lease: Duration::from_secs(45), watch: None }
    }
}

/// A connection's credentials are in another state than before, for longer than a renewal takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The connector.
    pub connector: String,
    /// The connection.
    pub connection: String,
    /// How they were.
    pub from: AuthState,
    /// How they are.
    pub to: AuthState,
    /// Why, for people.
    pub reason: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// Is told of changes, after they are kept.
#[async_trait]
pub trait Watch: Send + Sync {
    /// A connection's credentials are in another state.
    async fn changed(&self, change: Change);
}

/// Consent, grants and renewal for all connections. Clones share it.
#[derive(Clone)]
pub struct Auth {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<dyn Transport>,
    store: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
    options: Options,
    /// Renewals under way in this process, by connection.
    flights: std::sync::Mutex<HashMap<String, renew::Flight>>,
}

impl Auth {
    /// Tokens are asked for through `transport`, kept in `store`, and judged by `clock`.
    pub fn new(
        transport: Arc<dyn Transport>,
        store: Arc<dyn TokenStore>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Self {
        Self { inner: Arc::new(Inner { transport, store, clock, options, flights: Default::default() }) }
    }

    /// Where tokens are kept.
    pub fn store(&self) -> &Arc<dyn TokenStore> {
        &self.inner.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }
}
