//! The generated contract suite over every connector, and what it is given by hand: the way to the fake services.

use std::sync::Arc;

use connector_core::{Result, Transport};
use connector_http::HttpTransport;

/// The gateway's own transport, with these internal networks open. Connectors are judged through what they are called by.
///
/// # Errors
/// `Misconfigured` for a network that cannot be read.
pub fn transport(networks: &[String]) -> Result<Arc<dyn Transport>> {
    let builder = networks.iter().fold(HttpTransport::builder(), |b, n| b.allow(n));
    Ok(Arc::new(builder.build()?))
}
