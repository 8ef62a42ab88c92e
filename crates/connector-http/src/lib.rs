//! The one guarded way out.
//!
//! What lives here: the only HTTP client of the tree ([`HttpTransport`]), the guard that judges where it may connect
//! ([`guard`]), name resolution whose every answer is judged ([`Resolver`]), the caps on what comes back, what can be seen
//! of it all from outside ([`observe`]), and the wall clock ([`SystemClock`]). Around it: budgets ([`Budgeted`]), circuits
//! ([`Breaker`]) and retries ([`RetryPolicy`]). What must not: anything that knows a service, and any second client.
//!
//! Architecture invariant: no other crate names `reqwest`, `hyper` or a TLS library, and no byte leaves the gateway
//! except through [`HttpTransport`].

mod body;
mod breaker;
mod budget;
mod builder;
mod cancel;
mod client;
mod clock;
mod decode;
mod drift;
mod fault;
pub mod guard;
mod head;
pub mod observe;
mod resolve;
mod retry;
mod transport;

pub use breaker::Breaker;
pub use budget::{Budgeted, Budgets};
pub use builder::{CONNECT_TIMEOUT, HttpTransportBuilder, IDLE_TIMEOUT, USER_AGENT};
pub use clock::SystemClock;
pub use connector_core::signal::Signals;
pub use head::{MAX_HEADER_BYTES, MAX_HEADERS};
pub use observe::Observed;
pub use resolve::{Resolver, SystemResolver};
pub use retry::RetryPolicy;
pub use transport::HttpTransport;

use std::sync::Arc;

use connector_core::{Clock, Transport};

/// A transport with the layers of the way out: a circuit breaker for each host, then budgets, then the transport. Retries
/// are a layer of actions ([`RetryPolicy`]), since only an action knows whether it may be repeated.
pub fn layered(
    transport: impl Transport + 'static,
    budgets: Arc<Budgets>,
    clock: Arc<dyn Clock>,
) -> Arc<dyn Transport> {
    Arc::new(Breaker::new(Arc::new(Budgeted::new(Arc::new(transport), budgets, clock))))
}
