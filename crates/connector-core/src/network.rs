//! Internal networks that an operator opens on purpose: how an entry is written, and what it takes in.
//!
//! What lives here: [`Allow`]. What must not: judging addresses; that is the transport's, which puts such entries beside its
//! own list.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// Addresses that the operator opened on purpose, with one port or all of them.
///
/// Written `10.0.0.0/8`, `127.0.0.1/32:4010`, `127.0.0.1:4010`, `fd00::/8` or `[fd00::/8]:443`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allow {
    net: IpNet,
    port: Option<u16>,
}

impl Allow {
    /// Whether it opens this address and port.
    pub fn opens(&self, ip: IpAddr, port: u16) -> bool {
        self.net.contains(&ip) && self.opens_port(port)
    }

    /// Whether it is one address and one port: who writes that means exactly that.
    pub fn is_exact(&self) -> bool {
        self.net.prefix_len() == self.net.max_prefix_len() && self.port.is_some()
    }

    /// The first address of its network; the address, if it is one.
    pub fn first(&self) -> IpAddr {
        self.net.network()
    }

    /// Whether it opens this port at some address.
    pub fn opens_port(&self, port: u16) -> bool {
        self.port.is_none_or(|p| p == port)
    }
}

/// What is wrong with the text of an [`Allow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowError(String);

impl fmt::Display for AllowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AllowError {}

impl FromStr for Allow {
    type Err = AllowError;

    fn from_str(text: &str) -> Result<Self, AllowError> {
        let bad = |why: &str| {
            AllowError(format!(
                "`{text}` is no allow-list entry: {why}; write an address or a CIDR with or without a port, such as \
                 10.0.0.0/8, 127.0.0.1/32:4010, fd00::/8 or [fd00::/8]:443"
            ))
        };
        let trimmed = text.trim();
        let (net, port) = match trimmed.strip_prefix('[').map(|t| t.split_once(']')) {
            Some(None) => return Err(bad("`[` without `]`")),
            Some(Some((net, ""))) => (net, None),
            Some(Some((net, port))) => {
                (net, Some(port.strip_prefix(':').ok_or_else(|| bad("after `]` comes `:` and the port"))?))
            }
            // Colons mean a port only where the address itself has none.
            None => match trimmed.split_once(':') {
                Some((net, port)) if net.contains('.') => (net, Some(port)),
                _ => (trimmed, None),
            },
        };
        let net = if net.contains('/') {
            let parsed: IpNet = net.parse().map_err(|_| bad("the CIDR cannot be read"))?;
            if parsed.trunc() != parsed {
                return Err(bad(&format!("it has bits beyond its prefix, {} is meant", parsed.trunc())));
            }
            parsed
        } else {
            IpNet::from(net.parse::<IpAddr>().map_err(|_| bad("the address cannot be read"))?)
        };
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(Ok(p)) if p > 0 => Some(p),
            Some(_) => return Err(bad("the port is no number from 1 to 65535")),
        };
        Ok(Self { net, port })
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.net, self.port) {
            (net, None) => write!(f, "{net}"),
            (IpNet::V4(net), Some(port)) => write!(f, "{net}:{port}"),
            (IpNet::V6(net), Some(port)) => write!(f, "[{net}]:{port}"),
        }
    }
}
