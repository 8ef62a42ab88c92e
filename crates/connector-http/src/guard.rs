//! The guard: which addresses the gateway may connect to. Pure: no sockets, no names resolved.
//!
//! What lives here: [`judge`] for one address, [`Allow`] for what the operator opened on purpose, [`Policy`] for both
//! together with scheme and port, [`Target`] for what a URL names, and the match of declared hosts. What must not:
//! resolving and connecting ([`crate::HttpTransport`]).
//!
//! Names are not judged: `localhost`, `metadata.google.internal` and a name that an attacker owns are all the same. They
//! are resolved, and every address that comes back is judged.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::IpNet;
use url::{Host, Url};

/// The rule that refused a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The URL's scheme is neither https nor http.
    Scheme,
    /// The URL holds a user name or a password.
    Credentials,
    /// The URL has no host.
    NoHost,
    /// The connector does not declare this host.
    HostNotDeclared,
    /// Plain http to an address that is not on the allow-list.
    PlainHttp,
    /// A port other than 443 and 80 at an address that is not on the allow-list.
    Port,
    /// `0.0.0.0/8` or `::`: this host on this network (RFC 1122, RFC 4291).
    Unspecified,
    /// `127.0.0.0/8` or `::1`.
    Loopback,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918).
    Private,
    /// `100.64.0.0/10`: carrier-grade NAT (RFC 6598).
    SharedAddressSpace,
    /// `169.254.0.0/16` or `fe80::/10`: where clouds serve instance metadata.
    LinkLocal,
    /// An address of a cloud's own services that looks public: `168.63.129.16` (Azure).
    CloudService,
    /// `192.0.0.0/24` or `2001::/23`: IETF protocol assignments, Teredo and ORCHID among them (RFC 6890).
    ProtocolAssignment,
    /// `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`, `3fff::/20`.
    Documentation,
    /// `192.88.99.0/24` (6to4 relays) or `2002::/16` (6to4): an IPv4 address inside IPv6.
    SixToFour,
    /// `198.18.0.0/15` (RFC 2544).
    Benchmarking,
    /// AS112 and AMT: `192.31.196.0/24`, `192.52.193.0/24`, `192.175.48.0/24`, `2620:4f:8000::/48`.
    SpecialPurpose,
    /// `224.0.0.0/4` or `ff00::/8`.
    Multicast,
    /// `240.0.0.0/4`, broadcast included.
    Reserved,
    /// `::ffff:0:0/96`: IPv4 inside IPv6, refused whatever the IPv4 address.
    Ipv4Mapped,
    /// `::/96` (deprecated) or `::ffff:0:0:0/96` (SIIT): IPv4 inside IPv6.
    Ipv4Embedded,
    /// `64:ff9b::/96` or `64:ff9b:1::/48`: IPv4 behind a translator (RFC 6052, RFC 8215).
    Nat64,
    /// `fc00::/7`.
    UniqueLocal,
    /// `fec0::/10` (deprecated).
    SiteLocal,
    /// `100::/64` (RFC 6666).
    Discard,
    /// Outside `2000::/3`, the only space that is global unicast.
    NotGlobalUnicast,
}

impl Rule {
    /// The rule's name in logs and in the test table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Credentials => "credentials",
            Self::NoHost => "no_host",
            Self::HostNotDeclared => "host_not_declared",
            Self::PlainHttp => "plain_http",
            Self::Port => "port",
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::SharedAddressSpace => "shared_address_space",
            Self::LinkLocal => "link_local",
            Self::CloudService => "cloud_service",
            Self::ProtocolAssignment => "protocol_assignment",
            Self::Documentation => "documentation",
            Self::SixToFour => "six_to_four",
            Self::Benchmarking => "benchmarking",
            Self::SpecialPurpose => "special_purpose",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
            Self::Ipv4Mapped => "ipv4_mapped",
            Self::Ipv4Embedded => "ipv4_embedded",
            Self::Nat64 => "nat64",
            Self::UniqueLocal => "unique_local",
            Self::SiteLocal => "site_local",
            Self::Discard => "discard",
            Self::NotGlobalUnicast => "not_global_unicast",
        }
    }

    /// What the caller is told: what is wrong, and nothing about the network that the gateway stands in.
    pub(crate) fn caller_text(self) -> &'static str {
        match self {
            Self::Scheme => "the gateway calls https URLs only",
            Self::Credentials => "the gateway does not call URLs that hold a user name or password",
            Self::NoHost => "the URL has no host",
            Self::HostNotDeclared => "the URL's host is not one that the connector declares",
            Self::PlainHttp => "the gateway calls https URLs only; plain http must be allowed by the operator",
            Self::Port => "the gateway calls ports 443 and 80 only; others must be allowed by the operator",
            _ => "the URL's host does not stand for a public address; internal ones must be allowed by the operator",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Judges one address: only public unicast passes.
///
/// The tables are IANA's special-purpose registries
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>,
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>). IPv6 is judged the other way round: everything
/// outside `2000::/3` is refused, so that a range which is assigned tomorrow is refused today.
///
/// # Errors
/// The [`Rule`] that the address breaks.
pub fn judge(ip: IpAddr) -> Result<(), Rule> {
    match ip {
        IpAddr::V4(ip) => judge_v4(ip),
        IpAddr::V6(ip) => judge_v6(ip),
    }
}

fn judge_v4(ip: Ipv4Addr) -> Result<(), Rule> {
    Err(match ip.octets() {
        [0, ..] => Rule::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Rule::Private,
        [100, 64..=127, ..] => Rule::SharedAddressSpace,
        [127, ..] => Rule::Loopback,
        [168, 63, 129, 16] => Rule::CloudService,
        [169, 254, ..] => Rule::LinkLocal,
        [192, 0, 0, _] => Rule::ProtocolAssignment,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Rule::Documentation,
        [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => Rule::SpecialPurpose,
        [192, 88, 99, _] => Rule::SixToFour,
        [198, 18..=19, ..] => Rule::Benchmarking,
        // MCAST-TEST-NET (233.252.0.0/24) is in here too.
        [224..=239, ..] => Rule::Multicast,
        [240..=255, ..] => Rule::Reserved,
        _ => return Ok(()),
    })
}

fn judge_v6(ip: Ipv6Addr) -> Result<(), Rule> {
    Err(match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Rule::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Rule::Loopback,
        [0, 0, 0, 0, 0, 0xffff, _, _] => Rule::Ipv4Mapped,
        [0, 0, 0, 0, 0, 0, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => Rule::Ipv4Embedded,
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] | [0x64, 0xff9b, 1, ..] => Rule::Nat64,
        [0x100, 0, 0, 0, ..] => Rule::Discard,
        [0xfc00..=0xfdff, ..] => Rule::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Rule::LinkLocal,
        [0xfec0..=0xfeff, ..] => Rule::SiteLocal,
        [0xff00..=0xffff, ..] => Rule::Multicast,
        [0x2001, 0..=0x1ff, ..] => Rule::ProtocolAssignment,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Rule::Documentation,
        [0x2002, ..] => Rule::SixToFour,
        [0x2620, 0x4f, 0x8000, ..] => Rule::SpecialPurpose,
        [0x2000..=0x3fff, ..] => return Ok(()),
        _ => Rule::NotGlobalUnicast,
    })
}

/// Addresses that the operator opened on purpose, with one port or all of them.
///
/// Written `10.0.0.0/8`, `127.0.0.1/32:4010`, `127.0.0.1:4010`, `fd00::/8` or `[fd00::/8]:443`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allow {
    net: IpNet,
    port: Option<u16>,
}

impl Allow {
    /// Whether it opens this address and port.
    pub fn opens(&self, ip: IpAddr, port: u16) -> bool {
        self.net.contains(&ip) && self.opens_port(port)
    }

    fn opens_port(&self, port: u16) -> bool {
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

/// Address, scheme and port judged together.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    allow: Vec<Allow>,
}

impl Policy {
    /// What is public, and what the entries open beyond it.
    pub fn new(allow: Vec<Allow>) -> Self {
        Self { allow }
    }

    /// Whether a connection to this address may be made.
    ///
    /// An entry of the allow-list opens its addresses and ports for http and https alike. Everything else must be a
    /// public address, called by https, at port 443 or 80.
    ///
    /// # Errors
    /// The [`Rule`] that refuses it.
    pub fn judge(&self, ip: IpAddr, port: u16, https: bool) -> Result<(), Rule> {
        if self.allow.iter().any(|a| a.opens(ip, port)) {
            return Ok(());
        }
        judge(ip)?;
        judge_public(port, https)
    }

    /// Whether any address at all could pass: what can be said of a name before it is resolved.
    ///
    /// # Errors
    /// [`Rule::PlainHttp`] or [`Rule::Port`].
    pub fn judge_unresolved(&self, port: u16, https: bool) -> Result<(), Rule> {
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

/// Whether `host` is among the declared ones: an exact name, or `*.example.com` for every name below `example.com` (and
/// not that name itself). Case and the root's dot at the end make no difference.
pub fn is_declared(host: &str, declared: &[String]) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    declared.iter().any(|d| {
        let d = d.strip_suffix('.').unwrap_or(d);
        match d.strip_prefix("*.") {
            None => d.eq_ignore_ascii_case(host),
            Some(suffix) => host
                .len()
                .checked_sub(suffix.len() + 1)
                .filter(|at| *at > 0 && !suffix.is_empty())
                .and_then(|at| host.get(at..))
                .and_then(|tail| tail.strip_prefix('.'))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(suffix)),
        }
    })
}
