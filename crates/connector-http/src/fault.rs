//! What went wrong on the way, in core's words: kind, retry advice, and a text without a URL or a secret in it.

use std::{error::Error as StdError, net::IpAddr, time::Duration};

use connector_core::{Error, ErrorKind, RetryAdvice};

use crate::{
    decode::BodyFault,
    guard::Rule,
    head::{MAX_HEADER_BYTES, MAX_HEADERS},
    resolve::Denied,
};

/// Longest piece of a library's own words in an error text.
const MAX_DETAIL: usize = 300;

/// How the place of a call may be named to operators.
pub(crate) enum Place {
    /// By its host.
    Host(String),
    /// Not at all: the URL is a secret.
    Secret,
}

impl Place {
    fn text(&self) -> String {
        match self {
            Self::Host(host) => format!("host `{host}`"),
            Self::Secret => "the host of a secret URL".to_owned(),
        }
    }
}

/// The guard refused; nothing left.
pub(crate) fn refused(rule: Rule, ip: Option<IpAddr>, port: u16, place: &Place) -> Error {
    let at = place.text();
    let operator = match (place, ip) {
        (Place::Host(_), Some(ip)) => format!(
            "the egress guard's rule `{rule}` refused {ip} port {port} ({at}); if it is meant, allow `{}`",
            allow_hint(ip, port)
        ),
        _ => format!("the egress guard's rule `{rule}` refused {at}, port {port}"),
    };
    Error::new(ErrorKind::Refused, rule.caller_text()).with_operator(operator).with_rule(rule.as_str())
}

fn allow_hint(ip: IpAddr, port: u16) -> String {
    match ip {
        IpAddr::V4(ip) => format!("{ip}/32:{port}"),
        IpAddr::V6(ip) => format!("[{ip}/128]:{port}"),
    }
}

/// The time is up.
pub(crate) fn timed_out(sent: bool, after: Duration, place: Option<&Place>) -> Error {
    let retry = if sent { RetryAdvice::Ambiguous } else { RetryAdvice::Safe { after: None } };
    let what = outcome(sent);
    let at = place.map_or_else(|| "the secrets of the call".to_owned(), Place::text);
    Error::new(ErrorKind::Timeout, format!("no complete answer within {} s; {what}", after.as_secs_f64()))
        .with_retry(retry)
        .with_operator(format!("no complete answer from {at} within {} s; {what}", after.as_secs_f64()))
}

fn outcome(sent: bool) -> &'static str {
    if sent { "the request may have been carried out" } else { "nothing was sent" }
}

/// Nothing moved for too long.
pub(crate) fn silent(sent: bool, after: Duration, place: Option<&Place>) -> Error {
    let e = timed_out(sent, after, place);
    let at = place.map_or_else(|| "the service".to_owned(), Place::text);
    let caller = format!("the service was silent for {} s; {}", after.as_secs_f64(), outcome(sent));
    let operator = format!("no byte to or from {at} for {} s; {}", after.as_secs_f64(), outcome(sent));
    Error::new(e.kind(), caller).with_retry(e.retry()).with_operator(operator)
}

/// The answer's head is larger than any service's should be.
pub(crate) fn head_too_large(place: &Place) -> Error {
    Error::protocol(format!(
        "the head of the answer of {} is larger than the caps of {MAX_HEADERS} headers and {MAX_HEADER_BYTES} bytes",
        place.text()
    ))
}

/// The answer's body cannot be taken.
pub(crate) fn body(fault: BodyFault, cap: usize, place: &Place) -> Error {
    let at = place.text();
    match fault {
        BodyFault::TooLarge => too_large(cap, place),
        BodyFault::Ratio => {
            Error::protocol(format!("the answer of {at} swells beyond measure when it is decompressed"))
        }
        BodyFault::Encoding => {
            Error::protocol(format!("the answer of {at} is compressed in a way that was not asked for"))
        }
        BodyFault::Garbled => {
            Error::protocol(format!("the answer of {at} cannot be decompressed: damaged or cut short"))
        }
    }
}

/// The answer is larger than the call allows.
fn too_large(cap: usize, place: &Place) -> Error {
    Error::new(
        ErrorKind::Protocol,
        format!("the service's answer is larger than the cap of {cap} bytes; ask for less, such as a smaller page"),
    )
    .with_operator(format!("the answer of {} is larger than the cap of {cap} bytes after decompression", place.text()))
}

/// An error of the client. The URL in it is dropped before anything else happens.
pub(crate) fn client(e: reqwest::Error, place: &Place, port: u16, sent: bool, started: Duration) -> Error {
    let e = e.without_url();
    if let Some(Denied { rule, ip }) = find::<Denied>(&e) {
        return refused(*rule, *ip, port, place);
    }
    let detail = match place {
        Place::Host(_) => details(&e),
        // A certificate's error lists the names it is for.
        Place::Secret => String::new(),
    };
    let at = place.text();
    let error = |kind, caller: &str, operator: String| Error::new(kind, caller).with_operator(operator + &detail);
    let safe = RetryAdvice::Safe { after: None };
    if e.is_connect() || e.is_dns() {
        if e.is_timeout() {
            return timed_out(false, started, Some(place));
        }
        let what = if e.is_dns() { "cannot resolve" } else { "cannot connect to" };
        return error(ErrorKind::UpstreamUnavailable, "the service cannot be reached", format!("{what} {at}"))
            .with_retry(safe);
    }
    if e.is_timeout() {
        return timed_out(sent, started, Some(place));
    }
    if let Some(http) = find::<hyper::Error>(&e) {
        if http.is_parse_too_large() {
            return head_too_large(place);
        }
        if http.is_parse() || is_garbled(&e) || is_http2_fault(http) {
            let caller = Error::protocol("").caller_text().to_owned();
            return error(ErrorKind::Protocol, &caller, format!("what {at} answered is no HTTP"));
        }
    }
    if e.is_builder() {
        return Error::internal(format!("the client does not take the request to {at}{detail}"));
    }
    let (caller, retry) = if sent {
        ("the connection to the service broke; the request may have been carried out", RetryAdvice::Ambiguous)
    } else {
        ("the connection to the service broke before the request was sent", safe)
    };
    error(ErrorKind::UpstreamUnavailable, caller, format!("the connection to {at} broke")).with_retry(retry)
}

/// Whether the bytes came and make no body, such as a chunk without a length.
fn is_garbled(e: &reqwest::Error) -> bool {
    use std::io::{
        Error,
        ErrorKind::{InvalidData, InvalidInput},
    };
    find::<Error>(e).is_some_and(|io| matches!(io.kind(), InvalidData | InvalidInput))
}

/// Whether our side of HTTP/2 gave the stream up for what came in, a head beyond the cap included. The library's types are
/// not ours to name; it says "detected" of its own verdicts and "received" of the other side's.
fn is_http2_fault(e: &hyper::Error) -> bool {
    e.source().is_some_and(|cause| cause.to_string().contains("error detected"))
}

fn find<'a, T: StdError + 'static>(e: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    layers(Some(e)).find_map(|e| e.downcast_ref::<T>())
}

fn layers<'a>(first: Option<&'a (dyn StdError + 'static)>) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(first, |e: &&'a (dyn StdError + 'static)| (*e).source())
}

/// The library's words, each layer once, innermost last.
fn details(e: &reqwest::Error) -> String {
    let mut out = String::new();
    for layer in layers(e.source()) {
        let text = layer.to_string();
        if !out.contains(&text) {
            out.push_str(": ");
            out.push_str(&text);
        }
    }
    out.chars().filter(|c| !c.is_control()).take(MAX_DETAIL).collect()
}
