//! The guard by itself: addresses, entries of the allow-list, names. The table of SSRF cases runs through the transport, in
//! `ssrf.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::net::IpAddr;

use connector_http::guard::{self, Allow, Policy, Rule};

#[test]
fn addresses_beyond_the_table() {
    for (ip, rule) in [
        ("0.0.0.0", Some(Rule::Unspecified)),
        ("::", Some(Rule::Unspecified)),
        ("168.63.129.16", Some(Rule::CloudService)),
        ("168.63.129.17", None),
        ("169.253.255.255", None),
        ("172.15.255.255", None),
        ("172.32.0.0", None),
        ("192.52.193.1", Some(Rule::SpecialPurpose)),
        ("198.17.255.255", None),
        ("198.20.0.0", None),
        ("223.255.255.255", None),
        ("239.255.255.250", Some(Rule::Multicast)),
        ("::ffff:1.1.1.1", Some(Rule::Ipv4Mapped)),
        ("::1.1.1.1", Some(Rule::Ipv4Embedded)),
        ("64:ff9b::1.1.1.1", Some(Rule::Nat64)),
        ("64:ff9b:2::1", Some(Rule::NotGlobalUnicast)),
        ("2001:1ff:ffff::", Some(Rule::ProtocolAssignment)),
        ("2001:200::", None),
        ("2001:db7:ffff::", None),
        ("2001:db9::", None),
        ("2003::", None),
        ("2620:4f:8000::1", Some(Rule::SpecialPurpose)),
        ("3ffe::1", None),
        ("3fff:fff::1", Some(Rule::Documentation)),
        ("3fff:1000::1", None),
        ("4000::1", Some(Rule::NotGlobalUnicast)),
        ("1fff:ffff::1", Some(Rule::NotGlobalUnicast)),
    ] {
        assert_eq!(guard::judge(ip.parse().unwrap()).err(), rule, "{ip}");
    }
}

#[test]
fn an_entry_opens_what_it_says_and_no_more() {
    let policy = |entries: &[&str]| Policy::new(entries.iter().map(|e| e.parse().unwrap()).collect());
    let ip = |s: &str| s.parse::<IpAddr>().unwrap();
    let p = policy(&["127.0.0.1/32:4010", "10.1.0.0/16", "[fd00::/8]:8443", "192.0.2.7"]);
    for (addr, port, https, want) in [
        ("127.0.0.1", 4010, false, None),
        ("127.0.0.1", 4010, true, None),
        ("127.0.0.1", 4011, false, Some(Rule::Loopback)),
        ("127.0.0.2", 4010, false, Some(Rule::Loopback)),
        ("::ffff:127.0.0.1", 4010, false, Some(Rule::Ipv4Mapped)),
        ("10.1.255.255", 9, false, None),
        ("10.2.0.0", 443, true, Some(Rule::Private)),
        ("fd12::1", 8443, true, None),
        ("fd12::1", 443, true, Some(Rule::UniqueLocal)),
        ("192.0.2.7", 1, false, None),
        ("192.0.2.8", 443, true, Some(Rule::Documentation)),
        ("1.1.1.1", 443, true, None),
        ("1.1.1.1", 80, true, None),
        ("1.1.1.1", 80, false, Some(Rule::PlainHttp)),
        ("1.1.1.1", 8443, true, Some(Rule::Port)),
    ] {
        assert_eq!(p.judge(ip(addr), port, https).err(), want, "{addr} {port} {https}");
    }
    let p = policy(&["127.0.0.1/32:4010"]);
    let name = |port, https| p.judge_name("api.example.com", port, https);
    assert_eq!(name(4010, false), Ok(()));
    assert_eq!(name(80, false), Err(Rule::PlainHttp));
    assert_eq!(name(25, true), Err(Rule::Port));
    assert_eq!(name(443, true), Ok(()));
}

#[test]
fn entries_are_written_back_as_they_are_read_and_faults_are_named() {
    for (text, shown) in [
        ("10.0.0.0/8", "10.0.0.0/8"),
        (" 127.0.0.1:4010 ", "127.0.0.1/32:4010"),
        ("127.0.0.1/32:4010", "127.0.0.1/32:4010"),
        ("::1", "::1/128"),
        ("[::1]", "::1/128"),
        ("[::1]:80", "[::1/128]:80"),
        ("[fd00::/8]:443", "[fd00::/8]:443"),
    ] {
        let entry: Allow = text.parse().unwrap();
        assert_eq!(entry.to_string(), shown);
        assert_eq!(shown.parse::<Allow>().unwrap(), entry);
    }
    for (text, why) in [
        ("", "address cannot be read"),
        ("localhost", "address cannot be read"),
        ("localhost:80", "address cannot be read"),
        ("10.0.0.0/33", "CIDR cannot be read"),
        ("10.1.2.3/8", "10.0.0.0/8 is meant"),
        ("127.0.0.1:0", "1 to 65535"),
        ("127.0.0.1:65536", "1 to 65535"),
        ("127.0.0.1:http", "1 to 65535"),
        ("[::1", "without `]`"),
        ("[::1]80", "after `]`"),
    ] {
        let said = text.parse::<Allow>().unwrap_err().to_string();
        assert!(said.contains(why) && said.contains(&format!("`{text}`")), "{said}");
    }
}

#[test]
fn metadata_is_opened_by_its_address_and_port_alone() {
    let policy = |entries: &[&str]| Policy::new(entries.iter().map(|e| e.parse().unwrap()).collect());
    // Who opens a network does not mean what a cloud put into it.
    let wide = policy(&["169.254.0.0/16", "fd00::/8", "100.64.0.0/10", "0.0.0.0/0", "::/0", "169.254.169.254"]);
    for ip in [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "169.254.0.23",
        "169.254.42.42",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:42::42",
        "fe80::a9fe:a9fe",
    ] {
        let ip: IpAddr = ip.parse().unwrap();
        assert!(guard::is_metadata(ip));
        assert_eq!(wide.judge(ip, 80, false).err(), guard::judge(ip).err(), "{ip}");
        let exact = policy(&[&match ip {
            IpAddr::V4(ip) => format!("{ip}/32:80"),
            IpAddr::V6(ip) => format!("[{ip}]:80"),
        }]);
        assert_eq!(exact.judge(ip, 80, false), Ok(()));
        assert!(exact.judge(ip, 8080, false).is_err());
        assert_eq!(exact.judge_name("metadata.google.internal", 80, false), Ok(()));
        assert_eq!(exact.judge_name("metadata.google.internal", 443, true), Err(Rule::MetadataName));
    }
    assert_eq!(wide.judge("169.254.169.253".parse().unwrap(), 80, false), Ok(()), "its neighbours are opened");
    assert_eq!(wide.judge_name("metadata", 80, false), Err(Rule::MetadataName));
    assert_eq!(policy(&["10.0.0.1:80"]).judge_name("metadata", 80, false), Err(Rule::MetadataName));
    for other in
        ["metadata.example.com", "mymetadata", "instance-data.example", "internal", "data-server.example", "goog"]
    {
        assert!(!guard::is_metadata_name(other), "{other}");
    }
}

#[test]
fn policies_that_open_the_same_are_the_same() {
    let allow = |e: &str| e.parse::<Allow>().unwrap();
    let base = Policy::new(vec![allow("10.0.0.0/8"), allow("127.0.0.1:1")]);
    assert_eq!(base, Policy::new(vec![allow("127.0.0.1/32:1"), allow("10.0.0.0/8"), allow("127.0.0.1:1")]));
    assert_eq!(base.with([allow("10.0.0.0/8")]), base);
    assert_ne!(base.with([allow("10.0.0.0/8:443")]), base);
}
