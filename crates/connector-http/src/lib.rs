//! The one guarded way out.
//!
//! What lives here: the only HTTP client of the tree ([`HttpTransport`]), the guard that judges where it may connect
//! ([`guard`]), name resolution whose every answer is judged ([`Resolver`]), the caps on what comes back, and the wall clock
//! ([`SystemClock`]). What must not: anything that knows a service, and any second client.
//!
//! Architecture invariant: no other crate names `reqwest`, `hyper` or a TLS library, and no byte leaves the gateway
//! except through [`HttpTransport`].

mod body;
mod builder;
mod client;
mod clock;
mod decode;
mod fault;
pub mod guard;
mod head;
mod resolve;
mod transport;

pub use builder::{CONNECT_TIMEOUT, HttpTransportBuilder, IDLE_TIMEOUT, USER_AGENT};
pub use clock::SystemClock;
pub use head::{MAX_HEADER_BYTES, MAX_HEADERS};
pub use resolve::{Resolver, SystemResolver};
pub use transport::HttpTransport;
