//! The guard: which addresses the gateway may connect to. Pure: no sockets, no names resolved.
//!
//! What lives here: [`judge`] for one address, [`Allow`] for what the operator opened on purpose, [`Policy`] for both
//! together with scheme and port, and [`Target`] for what a URL names. What must not: resolving and connecting
//! ([`crate::HttpTransport`]).
//!
//! Names are hardly judged: `localhost` and a name that an attacker owns are the same. They are resolved, and every address
//! that comes back is judged. The names of clouds' metadata services alone are refused unasked ([`Rule::MetadataName`]),
//! because what answers to them may be a proxy at any address.

mod address;
mod rule;

use std::net::IpAddr;

use url::{Host, Url};

pub use address::{is_metadata, is_metadata_name, judge};
pub use connector_core::network::{Allow, AllowError};
pub use rule::Rule;

/// Address, scheme and port judged together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Sorted, each once, so that policies that open the same are the same.
    allow: Vec<Allow>,
}

impl Policy {
    /// What is public, and what the entries open beyond it.
    pub fn new(mut allow: Vec<Allow>) -> Self {
        allow.sort_unstable();
        allow.dedup();
        Self { allow }
    }

    /// The same, and what these entries open beside it.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Allow>) -> Self {
        Self::new(self.allow.iter().copied().chain(more).collect())
    }

    /// Whether an entry opens this address and port. The address of a metadata service is opened by an entry for exactly it
    /// and one port alone, such as `169.254.169.254/32:80`.
    pub fn opens(&self, ip: IpAddr, port: u16) -> bool {
        let exactly = is_metadata(ip);
        self.allow.iter().any(|a| a.opens(ip, port) && (!exactly || a.is_exact()))
    }

    /// Whether a connection to this address may be made.
    ///
    /// An entry of the allow-list opens its addresses and ports for http and https alike. Everything else must be a
    /// public address, called by https, at port 443 or 80.
    ///
    /// # Errors
    /// The [`Rule`] that refuses it.
    pub fn judge(&self, ip: IpAddr, port: u16, https: bool) -> Result<(), Rule> {
        self.judge_address(ip, port)?;
        if self.opens(ip, port) { Ok(()) } else { judge_public(port, https) }
    }

    /// The same, by whatever scheme: whether the address is public or opened at this port.
    ///
    /// # Errors
    /// The [`Rule`] that refuses it.
    pub fn judge_address(&self, ip: IpAddr, port: u16) -> Result<(), Rule> {
        if self.opens(ip, port) { Ok(()) } else { judge(ip) }
    }

    /// What can be said of a name before it is resolved: whether any address at all could pass. The name of a metadata
    /// service passes where an entry for exactly the address of one, and this port, shows that it is meant.
    ///
    /// # Errors
    /// [`Rule::MetadataName`], [`Rule::PlainHttp`] or [`Rule::Port`].
    pub fn judge_name(&self, host: &str, port: u16, https: bool) -> Result<(), Rule> {
        if is_metadata_name(host)
            && !self.allow.iter().any(|a| a.is_exact() && a.opens_port(port) && is_metadata(a.first()))
        {
            return Err(Rule::MetadataName);
        }
        if self.allow.iter().any(|a| a.opens_port(port)) {
            return Ok(());
        }
        judge_public(port, https)
    }
}

fn judge_public(port: u16, https: bool) -> Result<(), Rule> {
    match (https, port) {
        (false, _) => Err(Rule::PlainHttp),
        (true, 443 | 80) => Ok(()),
        (true, _) => Err(Rule::Port),
    }
}

/// What a URL names: where the connection would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host: a name, or an address that needs no resolver. The URL parser has turned decimal, octal, hexadecimal,
    /// shortened and full-width forms into addresses by now.
    pub host: Host<String>,
    /// The port, the scheme's own where the URL names none.
    pub port: u16,
    /// Whether the scheme is https.
    pub https: bool,
}

impl Target {
    /// The target of a URL.
    ///
    /// # Errors
    /// [`Rule::Scheme`], [`Rule::Credentials`] or [`Rule::NoHost`].
    pub fn of(url: &Url) -> Result<Self, Rule> {
        let (https, standard) = match url.scheme() {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return Err(Rule::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Rule::Credentials);
        }
        let host = url.host().ok_or(Rule::NoHost)?.to_owned();
        Ok(Self { host, port: url.port().unwrap_or(standard), https })
    }

    /// The address, if the host is one.
    pub fn literal(&self) -> Option<IpAddr> {
        match &self.host {
            Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(*ip)),
            Host::Domain(_) => None,
        }
    }
}
