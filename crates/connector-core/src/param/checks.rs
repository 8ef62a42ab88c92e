//! Checks of values, ready-made: for cleaning, for connectors' validators, for whoever takes values from people.
//!
//! Each looks at a text and sends nothing. Each gives what it read, or an error on the param in plain words that never quotes
//! the value. What must not live here: what only one service wants.

use serde_json::Value;
use url::{Host, Url};

use super::{FileValue, file, pointer};
use crate::{error::FieldError, request::parse_url};

/// Longest e-mail address (RFC 5321, 4.5.3.1.3, less its angle brackets).
const MAX_EMAIL: usize = 254;
/// Longest local part of one (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// The shape of a credential, const: enough to tell one that was copied from the wrong place before a call is made. A
/// credential never holds a blank; that needs no declaration.
#[derive(Debug, Clone, Copy)]
pub struct TokenShape {
    /// How it begins, one of these. Leave it empty where the service, or an old server of it, has others: a right token that
    /// is refused is worse than a wrong one that is sent.
    pub prefixes: &'static [&'static str],
    /// Other credentials of the service that people take for this one.
    pub mistaken: &'static [Mistaken],
}

/// A credential that is taken for another.
#[derive(Debug, Clone, Copy)]
pub struct Mistaken {
    /// How it begins.
    pub prefix: &'static str,
    /// What it is and what belongs here, to stand after the field's name: `is a user token; a bot token belongs here`.
    pub words: &'static str,
}

fn wrong<T>(param: &str, message: impl Into<String>) -> Result<T, FieldError> {
    Err(FieldError::new(pointer(param), message))
}

/// An absolute http or https URL, see [`parse_url`].
///
/// # Errors
/// On the param, as [`parse_url`].
pub fn url(param: &str, text: &str) -> Result<Url, FieldError> {
    parse_url(text).or_else(|e| match e.caller_text().strip_prefix("not ") {
        // After the name of a field stands a whole sentence.
        Some(what) => wrong(param, format!("is not {what}")),
        None => wrong(param, e.caller_text()),
    })
}

/// A URL that must be https.
///
/// # Errors
/// On the param.
pub fn https_url(param: &str, text: &str) -> Result<Url, FieldError> {
    let url = url(param, text)?;
    if url.scheme() == "https" { Ok(url) } else { wrong(param, "must begin with https://") }
}

/// A URL in the form in which it is kept: scheme and host in lower case, an international name as ASCII, no default port, no
/// trailing slash.
///
/// # Errors
/// As [`url()`].
pub fn canonical_url(param: &str, text: &str) -> Result<String, FieldError> {
    let mut url = url(param, text)?;
    if url.query().is_none() && url.fragment().is_none() {
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        return Ok(url.as_str().trim_end_matches('/').to_owned());
    }
    Ok(url.into())
}

/// The name or the address of a host alone, in the form in which it is kept: lower case, an international name as ASCII, an
/// IPv6 address in brackets.
///
/// # Errors
/// On the param.
pub fn host(param: &str, text: &str) -> Result<String, FieldError> {
    if text.contains("://") || text.contains(['/', '?', '#', '@']) {
        return wrong(param, "must be a host alone, such as example.com, without https:// and path");
    }
    match Host::parse(text) {
        Ok(host) => Ok(host.to_string()),
        Err(_) if text.matches(':').count() == 1 => wrong(param, "must be a host alone, without a port"),
        Err(_) => wrong(param, "is not the name of a host, such as example.com"),
    }
}

/// An e-mail address as people have them: no quotes, no comments, no display name.
///
/// # Errors
/// On the param.
pub fn email(param: &str, text: &str) -> Result<(), FieldError> {
    let Some((local, domain)) = text.split_once('@') else {
        return wrong(param, "must be an e-mail address, such as mia@example.com");
    };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    let sizes = (1..=MAX_LOCAL).contains(&local.len()) && text.len() <= MAX_EMAIL;
    if !sizes || dots || !local.chars().all(atom) {
        return wrong(param, "is not an e-mail address: what stands before the @ is not right");
    }
    match Host::parse(domain) {
        Ok(Host::Domain(_)) if !domain.ends_with('.') => Ok(()),
        _ => wrong(param, "is not an e-mail address: after the @ must stand a domain, such as example.com"),
    }
}

/// JSON as text. Nests 128 deep at most.
///
/// # Errors
/// On the param, with line and column.
pub fn json(param: &str, text: &str) -> Result<Value, FieldError> {
    serde_json::from_str(text).or_else(|e| {
        // The parser's own words name what it expected, and of the text only the place.
        wrong(param, format!("is not valid JSON (line {}, column {})", e.line(), e.column()))
    })
}

/// A credential: without blanks, of the right kind as far as can be seen.
///
/// # Errors
/// On the param.
pub fn token(param: &str, text: &str, shape: &TokenShape) -> Result<(), FieldError> {
    let prefixes = shape.prefixes.iter().copied();
    token_of(param, text, prefixes, shape.mistaken.iter().map(|m| (m.prefix, m.words)))
}

/// As [`token`], for a shape of either form.
pub(super) fn token_of<'a>(
    param: &str,
    text: &str,
    prefixes: impl Iterator<Item = &'a str> + Clone,
    mut mistaken: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), FieldError> {
    for word in ["Bearer ", "Basic ", "token ", "Authorization:"] {
        if text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word)) {
            return wrong(param, "must be the credential alone, without the words before it");
        }
    }
    if let Some((_, words)) = mistaken.find(|(prefix, _)| text.starts_with(prefix)) {
        return wrong(param, words);
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return wrong(param, "holds a blank or a line break, which no credential does; copy it again");
    }
    if prefixes.clone().next().is_some() && !prefixes.clone().any(|p| text.starts_with(p)) {
        return wrong(param, format!("must begin with {}", prefixes.collect::<Vec<_>>().join(" or ")));
    }
    Ok(())
}

/// One file: an object with `name`, `type` and `data` in base64, or a handle; see [`FileValue`].
///
/// # Errors
/// On the param.
pub fn file(param: &str, value: &Value) -> Result<FileValue, FieldError> {
    file::read(value).or_else(|why| wrong(param, why))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
    use super::*;

    #[test]
    fn urls_are_kept_in_one_form() {
        for (given, kept) in [
            ("HTTPS://Example.COM/", "https://example.com"),
            ("https://example.com:443/a/", "https://example.com/a"),
            ("http://example.com:80", "http://example.com"),
            ("http://example.com:8080//", "http://example.com:8080"),
            ("https://bücher.example/Ä", "https://xn--bcher-kva.example/%C3%84"),
            ("https://example.com/Jira/", "https://example.com/Jira"),
            ("https://example.com/?q=a/", "https://example.com/?q=a/"),
            ("https://example.com/a/../b/", "https://example.com/b"),
            ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]"),
        ] {
            assert_eq!(canonical_url("x", given).unwrap(), kept, "{given}");
            assert_eq!(canonical_url("x", kept).unwrap(), kept, "it stays as it is");
        }
        for bad in ["example.com", "ftp://example.com", "https://a:b@example.com", "https://exa mple.com", "https://"] {
            assert_eq!(url("x", bad).unwrap_err().pointer, "/x", "{bad}");
        }
        assert!(https_url("x", "http://example.com").unwrap_err().message.contains("https://"));
        assert!(https_url("x", "https://example.com").is_ok());
    }

    #[test]
    fn hosts_stand_alone() {
        for (given, kept) in [
            ("Example.COM", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("192.0.2.1", "192.0.2.1"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(host("h", given).unwrap(), kept, "{given}");
        }
        for (bad, why) in [
            ("https://example.com", "without https://"),
            ("example.com/path", "without https://"),
            ("mia@example.com", "without https://"),
            ("example.com:8080", "without a port"),
            ("exa mple.com", "is not the name"),
            ("", "is not the name"),
        ] {
            assert!(host("h", bad).unwrap_err().message.contains(why), "{bad}");
        }
    }

    #[test]
    fn addresses_are_told_from_what_is_none() {
        for good in
            ["mia@example.com", "mia.k+jira@sub.example.co.uk", "jürgen@bücher.example", "a@localhost", "o'neil@x.ie"]
        {
            assert!(email("e", good).is_ok(), "{good}");
        }
        for bad in [
            "nobody",
            "mia@",
            "@example.com",
            "mia@@example.com",
            "mia@exa mple.com",
            "m ia@example.com",
            ".mia@example.com",
            "mi..a@example.com",
            "mia.@example.com",
            "Mia <mia@example.com>",
            "mia@example.com.",
            "mia:x@example.com",
            "mia@192.0.2.1",
            "mia@example.com\n",
        ] {
            let e = email("e", bad).unwrap_err();
            assert_eq!(e.pointer, "/e");
            assert!(!e.message.contains(bad), "{bad}");
        }
        assert!(email("e", &format!("{}@example.com", "a".repeat(65))).is_err());
    }

    #[test]
    fn json_says_where_it_breaks_and_not_what_stands_there() {
        assert_eq!(json("j", "{\"a\": [1]}").unwrap()["a"][0], 1);
        let e = json("j", "{\"a\":\n  SHOWN}").unwrap_err();
        assert_eq!(e.message, "is not valid JSON (line 2, column 3)");
    }

    #[test]
    fn tokens_of_the_wrong_kind_are_told() {
        const SHAPE: TokenShape = TokenShape {
            prefixes: &["xoxb-", "xoxe.xoxb-"],
            mistaken: &[Mistaken { prefix: "xoxp-", words: "is a user token; a bot token belongs here" }],
        };
        for good in ["xoxb-1-2-a", "xoxe.xoxb-1-a"] {
            assert!(token("t", good, &SHAPE).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("xoxp-1-2", "is a user token"),
            ("Bearer xoxb-1", "without the words before it"),
            ("bearer xoxb-1", "without the words before it"),
            ("xoxb-1 2", "holds a blank"),
            ("xapp-1", "must begin with xoxb- or xoxe.xoxb-"),
        ] {
            let e = token("t", bad, &SHAPE).unwrap_err();
            assert!(e.message.contains(why) && e.pointer == "/t", "{bad}: {e:?}");
        }
        let any = TokenShape { prefixes: &[], mistaken: &[] };
        assert!(token("t", "anything", &any).is_ok());
    }
}
