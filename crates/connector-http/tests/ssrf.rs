//! The table of SSRF cases, through the transport: which rule refuses each, and that no connection is made.
//!
//! Names are answered as in the wild. Two listeners stand on every address of this machine, so that whatever reached it by
//! any spelling would be seen. What may be called is dialled from the loopback address: no system lets such a packet out, so
//! the call ends at the dial, and a connection error instead of a rule is the proof that the guard let it pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::{
    table::{Case, Wild, cases},
    *,
};
use connector_core::{Error, ErrorKind, Method, Request, RetryAdvice, SecretMap, Transport, request::parse_url};
use connector_http::{HttpTransport, guard::Rule};
use tokio::net::TcpListener;

/// An address that no row names: with it on the allow-list, names are resolved at whatever port and scheme.
const ELSEWHERE: &str = "198.51.100.77/32";

/// Listens on all addresses of the machine, at one port, and counts what connects.
async fn everywhere() -> (u16, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let four = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = four.local_addr().unwrap().port();
    // Takes IPv4 too on some systems, and is refused by others then: the first one has it already.
    let six = TcpListener::bind(("::", port)).await.ok();
    for listener in [Some(four), six].into_iter().flatten() {
        let seen = seen.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                seen.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    if read_request(&mut stream).await.is_some() {
                        say(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere").await;
                    }
                });
            }
        });
    }
    (port, seen)
}

/// The rule that an error names; `dialled` where the guard let the call pass.
fn rule_of(e: &Error) -> String {
    if e.kind() == ErrorKind::Refused {
        assert_eq!(e.retry(), RetryAdvice::Never, "{e}");
        let said = e.operator_text();
        return said.split('`').nth(1).unwrap_or_else(|| panic!("no rule in {said}")).to_owned();
    }
    if e.kind() == ErrorKind::UpstreamUnavailable && e.operator_text().contains("cannot connect to") {
        return "dialled".to_owned();
    }
    let texts = [
        ("control character", "control_character"),
        ("backslash", "backslash"),
        ("not an absolute URL", "malformed"),
        ("must begin with https://", "scheme"),
        ("user name or password", "credentials"),
        ("no host", "no_host"),
    ];
    let said = e.caller_text();
    let found = texts.iter().find(|(part, _)| said.contains(part));
    found.unwrap_or_else(|| panic!("neither refused nor dialled: {e}")).1.to_owned()
}

/// What becomes of a row by each way that a URL comes in: as text, as a secret, and at the listeners' port.
async fn outcomes(transport: &HttpTransport, case: &Case, port: u16) -> Vec<String> {
    let url = match parse_url(&case.url) {
        Ok(url) => url,
        Err(e) => {
            // A secret that is such a text is no URL to the transport either.
            let cx = context(&[], SecretMap::new().with("url", case.url.clone()));
            let refused = transport.send(Request::to_secret_url(Method::GET, "url"), &cx).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Misconfigured, "{}: {refused}", case.url);
            return vec![rule_of(&e)];
        }
    };
    let host = url.host_str().unwrap().to_owned();
    let mut ways = vec![url.to_string()];
    if case.rule == "public" {
        // Public addresses are called by https and at its port alone; the table has them by http too.
        let plain = Request::new(Method::GET, &url.as_str().replacen("https://", "http://", 1)).unwrap();
        let e = transport.send(plain, &context(&[&host], SecretMap::new())).await.unwrap_err();
        assert_eq!(rule_of(&e), "plain_http", "{}", case.url);
        ways = vec![url.as_str().replacen("http://", "https://", 1)];
    } else if !matches!(case.rule, "port" | "plain_http") {
        let mut there = url.clone();
        there.set_port(Some(port)).unwrap();
        ways.push(there.to_string());
    }
    let mut found = Vec::new();
    for way in ways {
        let cx = context(&[&host], SecretMap::new().with("url", way.clone()));
        for request in [Request::new(Method::GET, &way).unwrap(), Request::to_secret_url(Method::GET, "url")] {
            let e = transport.send(request, &cx).await.unwrap_err();
            assert!(!e.to_caller_json().to_string().contains(&host), "the caller is told of the network: {e}");
            found.push(rule_of(&e).replace("dialled", "public"));
        }
    }
    found
}

#[tokio::test]
async fn ssrf_every_row_of_the_table_ends_at_its_rule_and_reaches_nobody() {
    let cases = cases();
    let (port, seen) = everywhere().await;
    let transport = HttpTransport::builder()
        .allow(ELSEWHERE)
        .resolver(Arc::new(Wild::of(&cases)))
        .local_address("127.0.0.1".parse().unwrap())
        .build()
        .unwrap();
    let (mut wrong, mut by_rule) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for case in &cases {
        // The source's verdict, and our rule for it, must both hold.
        let fits = match case.verdict {
            "block" | "reject" => case.rule != "public",
            "reject-creds" => case.rule == "credentials",
            "scheme" => case.rule == "scheme",
            "dns" => !case.answers.is_empty(),
            // Names that look like addresses are refused by the parser already.
            "dnsname" => case.rule == "malformed",
            "allow" => case.rule == "public",
            other => panic!("unknown verdict {other}"),
        };
        let got = outcomes(&transport, case, port).await;
        if !fits || got.iter().any(|g| g != case.rule) {
            wrong.push(format!("{}: {:?}: {} by {}, got {got:?}", case.source, case.url, case.verdict, case.rule));
        }
        *by_rule.entry(case.rule).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.load(Ordering::SeqCst), 0, "a listener saw a connection");
    let others = cases.iter().filter(|c| c.source != "jackfield").count();
    assert_eq!(others, 170, "rows of the published lists went missing");
    let accepted = by_rule.remove("public").unwrap();
    let rules = by_rule.iter().map(|(rule, n)| format!("{rule} {n}")).collect::<Vec<_>>().join(", ");
    println!("{} cases: {} refused, {accepted} accepted, by rule: {rules}", cases.len(), cases.len() - accepted);

    // The listeners were there: where the address is opened, the spellings of the table reach them.
    let open = HttpTransport::builder().allow(format!("127.0.0.1:{port}")).build().unwrap();
    let cx = context(&["127.0.0.1"], SecretMap::new());
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127\u{3002}0\u{3002}0\u{3002}1", "127%2e0%2e0%2e1"]
    {
        let request = Request::new(Method::GET, &format!("http://{host}:{port}/")).unwrap();
        assert_eq!(open.send(request, &cx).await.unwrap().body, "here", "{host}");
    }
    assert!(seen.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn ssrf_a_redirect_to_any_row_of_the_table_reaches_nobody() {
    let cases = Arc::new(cases());
    let (_, seen) = everywhere().await;
    // Sends `/7` on to the seventh row.
    let rows = cases.clone();
    let (at, heads) = service("127.0.0.1:0", 302, move |path| {
        let row = path.trim_start_matches('/').parse::<usize>().ok()?;
        Some(rows[row].url.clone())
    })
    .await;
    let transport = HttpTransport::builder()
        .allow(ELSEWHERE)
        .allow(at.to_string())
        .resolver(Arc::new(Wild::of(&cases)))
        .local_address("127.0.0.1".parse().unwrap())
        .build()
        .unwrap();
    let transport: Arc<dyn Transport> = Arc::new(transport);
    let mut ends = BTreeMap::<&str, usize>::new();
    for (i, case) in cases.iter().enumerate() {
        // What no header can carry, no service can answer.
        if !case.url.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            continue;
        }
        let host = parse_url(&case.url).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
        let cx = cx(&["127.0.0.1", &host], transport.clone(), SecretMap::new());
        let before = heads.lock().unwrap().len();
        let result = cx.send(Request::new(Method::GET, &format!("http://{at}/{i}")).unwrap().follow_redirects(3)).await;
        let requests = heads.lock().unwrap().len() - before;
        let shown = format!("{}: {result:?}", case.url);
        let end = match result {
            // No URL, and a sound way on within the origin.
            Ok(answer) if case.url == "10.0.0.1/" => {
                assert_eq!((&answer.body[..], requests), (&b"end"[..], 2), "{shown}");
                continue;
            }
            Ok(_) => panic!("{shown}"),
            Err(e) if e.kind() == ErrorKind::Protocol => {
                assert!(e.operator_text().contains("no sound http or https URL"), "{shown}");
                "text"
            }
            Err(e) => {
                let want = match case.url.as_str() {
                    // No URL, and a sound way on: to a host of its own choice.
                    "//10.0.0.1/" => "host_not_declared",
                    url if case.rule == "public" && url.starts_with("http://") => "plain_http",
                    _ => case.rule,
                };
                assert_eq!(rule_of(&e).replace("dialled", "public"), want, "{shown}");
                "rule"
            }
        };
        assert_eq!(requests, 1, "{shown}");
        *ends.entry(end).or_default() += 1;
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0, "a listener saw a connection");
    println!("redirects refused: {} as texts, {} by rule or at the dial", ends["text"], ends["rule"]);
    assert!(ends["text"] > 50 && ends["rule"] > 150, "{ends:?}");
}

#[tokio::test]
async fn ssrf_the_machines_own_addresses_are_not_reached() {
    let (port, seen) = everywhere().await;
    // The address that calls would go out from; a machine without a way out has only loopback.
    let own: Vec<IpAddr> = ["1.1.1.1:9", "[2606:4700:4700::1111]:9"]
        .into_iter()
        .filter_map(|to| {
            let from = if to.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" };
            let socket = std::net::UdpSocket::bind(from).ok()?;
            socket.connect(to).ok()?;
            Some(socket.local_addr().ok()?.ip())
        })
        .chain(["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()])
        .collect();
    let transport = HttpTransport::builder().build().unwrap();
    let named = HttpTransport::builder().resolver(Scripted::new(&[&["127.0.0.1"]])).build().unwrap();
    for ip in own {
        let host = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let cx = context(&[&host], SecretMap::new());
            let e = transport.send(Request::new(Method::GET, &url).unwrap(), &cx).await.unwrap_err();
            assert_eq!(e.kind(), ErrorKind::Refused, "{url}: {e}");
        }
    }
    let cx = context(&["me.example"], SecretMap::new());
    let e = named.send(Request::new(Method::GET, "https://me.example/").unwrap(), &cx).await.unwrap_err();
    assert_eq!(rule_of(&e), Rule::Loopback.as_str());
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn ssrf_a_line_break_in_a_header_or_a_secret_sends_nothing() {
    let (at, seen) = server("127.0.0.1:0", |s, _| async move { drop(s) }).await;
    let url = format!("http://{at}/");
    for bad in ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b"] {
        let e = Request::new(Method::GET, &url).unwrap().header("x-note", bad).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::InvalidInput);
        let slot = connector_core::SecretSlot::Header { name: "x-key", prefix: "", secret: "key".into() };
        let transport = HttpTransport::builder().allow(at.to_string()).build().unwrap();
        let cx = context(&["127.0.0.1"], SecretMap::new().with("key", bad));
        let request = Request::new(Method::GET, &url).unwrap().secret(slot);
        assert_eq!(transport.send(request, &cx).await.unwrap_err().kind(), ErrorKind::Misconfigured);
        // In a path or a query they are written so that they break nothing.
        let request = Request::new(Method::GET, &url).unwrap().query("q", bad);
        assert!(!request.url().unwrap().as_str().contains(['\r', '\n', '\0']));
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}
