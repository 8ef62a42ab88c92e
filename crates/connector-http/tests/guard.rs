//! The guard against the table of SSRF cases: every row says which rule refuses it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::net::IpAddr;

use connector_core::request::parse_url;
use connector_http::guard::{self, Allow, Policy, Rule, Target};

/// What becomes of a URL: the name of the rule that refuses it, `public` for a literal that may be called, `resolve` for
/// a name that a resolver decides. Core parses every request's URL, the guard judges what is left.
fn outcome(text: &str) -> &'static str {
    let url = match parse_url(text) {
        Ok(url) => url,
        Err(e) => {
            let said = e.caller_text();
            return [
                ("control character", "control_character"),
                ("must begin with https://", "scheme"),
                ("user name or password", "credentials"),
                ("no host", "no_host"),
                ("not an absolute URL", "malformed"),
            ]
            .into_iter()
            .find_map(|(part, name)| said.contains(part).then_some(name))
            .unwrap_or_else(|| panic!("an unknown refusal: {said}"));
        }
    };
    let target = match Target::of(&url) {
        Ok(t) => t,
        Err(rule) => return rule.as_str(),
    };
    match target.literal() {
        Some(ip) => guard::judge(ip).err().map_or("public", Rule::as_str),
        None => "resolve",
    }
}

/// The table writes `\n`, `\r`, `\x00` and `\u3002` for what an editor would not show, and `\\` for a backslash.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let hex = |rest: &mut std::str::Chars<'_>, n: usize| {
            let digits: String = rest.take(n).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
        };
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('\\') => out.push('\\'),
            Some('x') => out.push(hex(&mut rest, 2)),
            Some('u') => out.push(hex(&mut rest, 4)),
            other => panic!("unknown escape {other:?} in {text}"),
        }
    }
    out
}

#[test]
fn every_row_of_the_table_ends_as_it_says() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in include_str!("ssrf_cases.tsv").lines().filter(|l| !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [source, expected, rule, url] = cells[..] else { panic!("not four columns: {line}") };
        rows += 1;
        let got = outcome(&unescape(url));
        // The upstream list's verdict, and our rule for it, must both hold.
        let fits = match expected {
            "block" | "reject" => !matches!(got, "public" | "resolve"),
            "reject-creds" => got == "credentials",
            "scheme" => got == "scheme",
            // Names that look like addresses may be refused by the parser already.
            "dnsname" => got != "public",
            "dns" => got == "resolve",
            "allow" => got == "public",
            other => panic!("unknown verdict {other}"),
        };
        if got != rule || !fits {
            wrong.push(format!("{source}: {url}: {expected} by {rule}, got {got}"));
        }
    }
    assert_eq!(rows, 170, "rows went missing");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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
    assert_eq!(p.judge_unresolved(4010, false), Ok(()));
    assert_eq!(p.judge_unresolved(80, false), Err(Rule::PlainHttp));
    assert_eq!(p.judge_unresolved(25, true), Err(Rule::Port));
    assert_eq!(p.judge_unresolved(443, true), Ok(()));
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
fn declared_hosts_are_exact_or_below_a_suffix() {
    let declared: Vec<String> =
        ["api.example.com", "*.Slack.com", "192.0.2.1", "[2001:db8::1]", "*."].map(str::to_owned).into();
    for (host, want) in [
        ("api.example.com", true),
        ("API.Example.COM", true),
        ("api.example.com.", true),
        ("xapi.example.com", false),
        ("example.com", false),
        ("a.api.example.com", false),
        ("files.slack.com", true),
        ("a.b.SLACK.com", true),
        ("slack.com", false),
        (".slack.com", false),
        ("evilslack.com", false),
        ("slack.com.evil.example", false),
        ("192.0.2.1", true),
        ("192.0.2.10", false),
        ("[2001:db8::1]", true),
        ("", false),
        ("ü.slack.com", true),
    ] {
        assert_eq!(guard::is_declared(host, &declared), want, "{host}");
    }
}
