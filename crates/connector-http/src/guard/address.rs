//! Which addresses are public, and which are those of clouds' metadata services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Rule;

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

/// Whether clouds serve instance metadata, and with it credentials, at this address.
///
/// A wide entry of the allow-list does not open one, since who writes `fd00::/8` thinks of a network and not of what a
/// cloud put into it; see [`Policy::opens`](super::Policy::opens).
pub fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => matches!(
            ip.octets(),
            // Nearly all of them; containers' credentials (ECS, EKS); Tencent; Scaleway.
            [169, 254, 169, 254] | [169, 254, 170, 2 | 23] | [169, 254, 0, 23] | [169, 254, 42, 42]
            // Alibaba; Oracle; Azure's own services.
            | [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16]
        ),
        IpAddr::V6(ip) => matches!(
            ip.segments(),
            // AWS (metadata, and containers' credentials); Google; Scaleway; OpenStack.
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254 | 0x23]
                | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]
                | [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42]
                | [0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe]
        ),
    }
}

/// Names by which clouds' metadata services are reached from inside.
const METADATA_NAMES: &[&str] = &[
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.azure.com",
    "metadata.tencentyun.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
    "metadata.oraclecloud.com",
    "api.metadata.cloud.ibm.com",
    "data-server",
];
/// First labels that mean one alone (a search domain completes them) or below `internal`.
const METADATA_LABELS: &[&str] = &["metadata", "instance-data", "rancher-metadata"];

/// Whether a host, as the URL parser gives it, is the name of a cloud's metadata service: the well-known ones with all
/// below them, and `metadata`, `instance-data` and `rancher-metadata` alone or anywhere below `internal`. The parser has
/// made full-width and other forms of IDNA plain and lower-case.
pub fn is_metadata_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let known = |name: &&str| host.strip_suffix(*name).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    let (first, rest) = host.split_once('.').unwrap_or((&host, ""));
    METADATA_NAMES.iter().any(known)
        || METADATA_LABELS.contains(&first) && (rest.is_empty() || rest == "internal" || rest.ends_with(".internal"))
}
