//! The one guarded way out.
//!
//! What lives here: the only HTTP client of the tree ([`HttpTransport`]), the guard that judges where it may connect
//! ([`guard`]), name resolution whose every answer is judged ([`Resolver`]), what can be seen of it all from outside
//! ([`observe`]), and the wall clock ([`SystemClock`]). What must not: anything that knows a service, and any second client.
//!
//! Architecture invariant: no other crate names `reqwest`, `hyper` or a TLS library, and no byte leaves the gateway
//! except through [`HttpTransport`].

mod body;
mod clock;
mod drift;
mod fault;
pub mod guard;
pub mod observe;
mod resolve;
mod transport;

pub use clock::SystemClock;
pub use connector_core::signal::Signals;
pub use observe::Observed;
pub use resolve::{Resolver, SystemResolver};
pub use transport::{CONNECT_TIMEOUT, HttpTransport, HttpTransportBuilder, USER_AGENT};
