//! The rules by name, and what is said of each.

use std::fmt;

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
    /// The name of a cloud's metadata service, whatever it stands for here; see [`metadata`](super::is_metadata_name).
    MetadataName,
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
    /// A public address that is this machine's own: what listens on all of its addresses would be reached by it.
    OwnAddress,
}

impl Rule {
    /// The rule's name in logs and in the test table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Credentials => "credentials",
            Self::NoHost => "no_host",
            Self::HostNotDeclared => "host_not_declared",
            Self::MetadataName => "metadata_name",
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
            Self::OwnAddress => "own_address",
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
