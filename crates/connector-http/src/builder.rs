//! How a transport is set up.

use std::{net::IpAddr, sync::Arc, time::Duration};

use connector_core::{Error, Result};
use http::HeaderValue;

use crate::{
    client::{Clients, Settings, tls},
    guard::{Allow, Policy},
    resolve::{Resolver, SystemResolver},
    transport::HttpTransport,
};

/// What the gateway calls itself unless it is told otherwise or the connector sets the header.
pub const USER_AGENT: &str = concat!("jackfield/", env!("CARGO_PKG_VERSION"));
/// Most time for name, connection and TLS together; the call's own timeout counts on.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Most time without a byte in either direction.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Builds an [`HttpTransport`].
#[must_use]
pub struct HttpTransportBuilder {
    allow: Vec<String>,
    user_agent: String,
    connect_timeout: Duration,
    idle_timeout: Duration,
    local_address: Option<IpAddr>,
    resolver: Arc<dyn Resolver>,
    extra_roots: Vec<Vec<u8>>,
}

impl HttpTransportBuilder {
    pub(crate) fn new() -> Self {
        Self {
            allow: Vec::new(),
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            local_address: None,
            resolver: Arc::new(SystemResolver),
            extra_roots: Vec::new(),
        }
    }

    /// Opens internal addresses: a CIDR or an address, with a port or without (all ports), such as `10.0.0.0/8` or
    /// `127.0.0.1/32:4010`; see [`Allow`]. May be called again for more. What one connection may reach beside these comes
    /// with each call ([`CallContext::networks`](connector_core::transport::CallContext::networks)).
    pub fn allow(mut self, entry: impl Into<String>) -> Self {
        self.allow.push(entry.into());
        self
    }

    /// The `User-Agent` of calls whose connector sets none; [`USER_AGENT`] unless told.
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = text.into();
        self
    }

    /// Most time for name, connection and TLS together; [`CONNECT_TIMEOUT`] unless told.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Most time without a byte in either direction, from the moment the call begins to connect; [`IDLE_TIMEOUT`] unless
    /// told. The wait for an answer's first byte counts.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The machine's address that calls go out from, where services admit only certain ones; the system chooses unless told.
    pub fn local_address(mut self, address: IpAddr) -> Self {
        self.local_address = Some(address);
        self
    }

    /// Who resolves names; [`SystemResolver`] unless told.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Trusts one more certificate authority (DER), besides the system's: for services inside a company.
    pub fn trust(mut self, certificate_der: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(certificate_der.into());
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// `Misconfigured` for an allow-list entry or user agent that cannot be read. A system without trusted certificates is
    /// no error here: what needs no TLS works, and a call that needs it says what is missing.
    pub fn build(self) -> Result<HttpTransport> {
        let allow = self
            .allow
            .iter()
            .map(|text| text.parse::<Allow>().map_err(|e| Error::misconfigured(e.to_string())))
            .collect::<Result<Vec<_>>>()?;
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|_| Error::misconfigured("the user agent holds characters that headers may not"))?;
        let clients = Clients::new(Settings {
            resolver: self.resolver,
            tls: tls(self.extra_roots),
            user_agent,
            connect_timeout: self.connect_timeout,
            local_address: self.local_address,
        });
        Ok(HttpTransport::new(Policy::new(allow), clients, self.idle_timeout))
    }
}
