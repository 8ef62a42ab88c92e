//! Names resolved by us, every address judged, and the connection made to exactly what was judged.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::guard::{Policy, Rule};

/// Turns names into addresses. What it answers is judged by the guard, so an implementation need not be trusted.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of `host`, which is never an IP literal.
    ///
    /// # Errors
    /// When the name has none or cannot be asked for.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver: `/etc/hosts`, search domains and DNS as the system is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|a| a.ip()).collect())
    }
}

/// Judges an address by policy, and refuses this machine's own even where they are public, unless an entry opens them.
///
/// # Errors
/// The [`Rule`] that refuses it.
pub(crate) fn admit(policy: &Policy, ip: IpAddr, port: u16, https: bool) -> Result<(), Rule> {
    policy.judge(ip, port, https)?;
    if !policy.opens(ip, port) && is_own(ip) { Err(Rule::OwnAddress) } else { Ok(()) }
}

/// Whether an address is this machine's own. The kernel talks to itself from the very address that it talks to, so it is
/// asked which one it would take; nothing is sent. Addresses that a router translates cannot be told.
fn is_own(ip: IpAddr) -> bool {
    let any: IpAddr = if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let from = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((ip, 9))?;
        socket.local_addr()
    });
    from.is_ok_and(|from| from.ip() == ip)
}

/// An address that the guard refused, on its way up through the client's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denied {
    pub(crate) rule: Rule,
    pub(crate) ip: Option<IpAddr>,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by the rule `{}`", self.rule)
    }
}

impl std::error::Error for Denied {}

/// The resolver that a client with one scheme and one port asks when it opens a connection.
///
/// The client connects to the addresses returned here and to no other; a name that is resolved differently later
/// (rebinding) is judged again, because that is a new connection, and a connection kept open stays where it was.
pub(crate) struct Guarded {
    pub(crate) inner: Arc<dyn Resolver>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) port: u16,
    pub(crate) https: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (inner, policy, port, https) = (self.inner.clone(), self.policy.clone(), self.port, self.https);
        Box::pin(async move {
            let found = inner.resolve(name.as_str()).await?;
            if found.is_empty() {
                return Err("the name has no address".into());
            }
            // One bad address spoils the answer: an attacker who mixes it with a good one must not get a second try.
            // What it is comes before how it is called: of a mixed answer the internal address is what operators must hear of.
            let internal = found.iter().find_map(|ip| Some((policy.judge_address(*ip, port).err()?, *ip)));
            if let Some((rule, ip)) = internal {
                return Err(Denied { rule, ip: Some(ip) }.into());
            }
            for ip in &found {
                admit(&policy, *ip, port, https).map_err(|rule| Denied { rule, ip: Some(*ip) })?;
            }
            Ok(Box::new(found.into_iter().map(move |ip| SocketAddr::new(ip, port))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_machines_own_addresses_are_known_and_others_are_not() {
        assert!(is_own(Ipv4Addr::LOCALHOST.into()));
        for ip in ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"] {
            assert!(!is_own(ip.parse().unwrap()), "{ip}");
        }
        // The address that calls would go out from, if there is a way out.
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        if socket.connect("1.1.1.1:9").is_ok() {
            assert!(is_own(socket.local_addr().unwrap().ip()));
        }
    }
}
