//! URLs as texts: what must be seen before a parser mends it.
//!
//! What lives here: [`parse_url`], [`follow`] for a `Location`, and [`path_segment`]. What must not: which hosts a call may
//! reach ([`crate::hosts`]) and which addresses ([the transport](crate::transport)).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{ParseError, Url};

use crate::error::{Error, ErrorKind, Result};

/// Everything in a path segment but the unreserved characters of RFC 3986 is percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes one path segment: a value from outside can never add a segment, a query or a `..`.
///
/// `.` and `..` become empty: the URL parser takes them for dot segments even when they are encoded, and no service
/// has an object of that name.
pub fn path_segment(value: &str) -> String {
    match value {
        "." | ".." => String::new(),
        v => utf8_percent_encode(v, SEGMENT).to_string(),
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, why)
}

/// Parses an absolute http or https URL, refusing what a parser would silently mend.
///
/// The text is judged first: the parser drops tabs, line breaks and an empty user name without a word, takes `\` for `/`,
/// and finds a host in `http:example.com` and `http:///example.com`.
///
/// # Errors
/// `InvalidInput` for blanks, control characters, backslashes, other schemes, credentials in the URL, or no host.
pub fn parse_url(text: &str) -> Result<Url> {
    check_characters(text)?;
    let Some(rest) = after_scheme(text) else {
        return Err(match Url::parse(text) {
            Err(ParseError::RelativeUrlWithoutBase) => refused("not an absolute URL: it must begin with https://"),
            _ => refused("the URL must begin with https:// (or http://)"),
        });
    };
    check_authority(rest)?;
    let url = Url::parse(text).map_err(|e| refused(&format!("not an absolute URL: {e}")))?;
    // The text showed neither a user nor an empty host; a parser that reads it otherwise is not believed.
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the URL is ambiguous"));
    }
    if url.host().is_none() {
        return Err(refused("the URL has no host"));
    }
    Ok(url)
}

/// The URL that `location`, a text from outside, names as seen from `from`: absolute, or relative in one of the ways of
/// RFC 3986.
///
/// # Errors
/// As [`parse_url`].
pub(crate) fn follow(from: &Url, location: &str) -> Result<Url> {
    check_characters(location)?;
    if let Some(rest) = location.strip_prefix("//") {
        check_authority(rest)?;
    } else if has_scheme(location) {
        return parse_url(location);
    }
    let url = from.join(location).map_err(|e| refused(&format!("not a URL: {e}")))?;
    parse_url(url.as_str())
}

fn check_characters(text: &str) -> Result<()> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused("the URL holds a blank or a control character"));
    }
    if text.contains('\\') {
        return Err(refused("the URL holds a backslash"));
    }
    Ok(())
}

/// Judges what stands between `//` and the path.
fn check_authority(rest: &str) -> Result<()> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(refused("the URL must not hold a user name or password"));
    }
    if authority.is_empty() {
        return Err(refused("the URL has no host"));
    }
    Ok(())
}

fn after_scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

/// Whether a reference begins with a scheme (RFC 3986, 3.1) and so is none that is relative.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_segment_stays_one_segment() {
        for (given, want) in [("a/b", "a%2Fb"), ("x?y#z", "x%3Fy%23z"), ("..", ""), ("é", "%C3%A9"), ("a b", "a%20b")]
        {
            assert_eq!(path_segment(given), want);
        }
    }

    #[test]
    fn what_a_parser_would_mend_is_refused() {
        for (bad, why) in [
            ("http://exa\nmple.com", "control character"),
            ("http://exa\tmple.com", "control character"),
            ("https://example.com/\u{85}", "control character"),
            (" https://example.com", "control character"),
            ("http://x .y", "control character"),
            ("https:\\\\example.com", "backslash"),
            ("https://example.com\\@evil.example/", "backslash"),
            ("https://a:b@c.example/", "user name"),
            ("https://@c.example/", "user name"),
            ("https://:@c.example/", "user name"),
            ("https://a@b@c.example?x", "user name"),
            ("ftp://c.example", "must begin with https://"),
            ("https:c.example", "must begin with https://"),
            ("javascript:alert(1)", "must begin with https://"),
            ("jar:http://127.0.0.1!/", "must begin with https://"),
            ("/relative", "not an absolute URL"),
            ("", "not an absolute URL"),
            ("https:///c.example", "no host"),
            ("https://", "no host"),
            ("https://?c.example", "no host"),
            ("https://a%40b.example/", "not an absolute URL"),
            ("https://c.example:99999/", "not an absolute URL"),
        ] {
            let e = parse_url(bad).unwrap_err();
            assert_eq!(e.kind(), ErrorKind::InvalidInput, "{bad}");
            assert!(e.caller_text().contains(why), "{bad}: {e}");
        }
        for good in
            ["HTTPS://c.example", "http://c.example:8080/a@b?c=@#@", "https://[2001:db8::1]/", "https://ü.example"]
        {
            assert!(parse_url(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_location_is_absolute_or_relative_and_never_mended() {
        let from = parse_url("https://a.example/x/y?z=1").unwrap();
        for (location, to) in [
            ("https://b.example/q", "https://b.example/q"),
            ("//b.example/q", "https://b.example/q"),
            ("/q", "https://a.example/q"),
            ("q", "https://a.example/x/q"),
            ("?q", "https://a.example/x/y?q"),
            ("./a:b", "https://a.example/x/a:b"),
            ("/@b.example", "https://a.example/@b.example"),
        ] {
            assert_eq!(follow(&from, location).unwrap().as_str(), to, "{location}");
        }
        for bad in [
            "https:q",
            "http:q",
            "ftp://b.example/",
            "file:///etc/passwd",
            "//u@b.example/",
            "//@b.example/",
            "\\\\b.example",
            "/\\b.example",
            "https:\\b.example",
            "///b.example",
            "//",
            "https://",
            "\thttps://b.example",
            "data:,x",
        ] {
            assert!(follow(&from, bad).is_err(), "{bad}");
        }
    }
}
