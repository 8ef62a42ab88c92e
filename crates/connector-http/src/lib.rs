//! The one guarded way out.
//!
//! What lives here: the only HTTP client of the tree ([`HttpTransport`]), the guard that judges where it may connect
//! ([`guard`]), name resolution whose every answer is judged ([`Resolver`]), and the wall clock ([`SystemClock`]). What must not: anything that knows a service, and any second client.
//!
//! Architecture invariant: no other crate names `reqwest`, `hyper` or a TLS library, and no byte leaves the gateway
//! except through [`HttpTransport`].

mod body;
mod breaker;
mod budget;
mod cancel;
mod clock;
mod fault;
pub mod guard;
mod resolve;
mod retry;
mod transport;

pub use breaker::Breaker;
pub use budget::{Budgeted, Budgets};
pub use clock::SystemClock;
pub use resolve::{Resolver, SystemResolver};
pub use retry::RetryPolicy;
pub use transport::{CONNECT_TIMEOUT, HttpTransport, HttpTransportBuilder, USER_AGENT};
