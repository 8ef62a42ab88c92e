//! Hosts that a connector declares: how they are written, what they become for one connection, what they take in.
//!
//! What lives here: the forms ([`Declared`]), filling them from a connection's values, and [`is_declared`]. What must not:
//! which addresses a name may stand for; that is the transport's.

use serde_json::{Map, Value};

use crate::{
    address::parse_url,
    error::{Error, FieldError},
};

/// Longest name that DNS takes.
const MAX_NAME: usize = 253;
/// Longest label of one.
const MAX_LABEL: usize = 63;

/// A declared host as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared<'a> {
    /// `{param}`: the host of a connection's URL param.
    OfUrl(&'a str),
    /// A name, `*.example.com`, or a name with params in it, such as `{subdomain}.example.com`.
    Name(Vec<Piece<'a>>),
}

/// A piece of a declared name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// The value of this param: one DNS label, or several with dots between them.
    Param(&'a str),
}

impl<'a> Declared<'a> {
    /// Reads a declared host; `None` when its braces do not fit.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, from_param)) = rest.split_once('{') {
            let (param, after) = from_param.split_once('}')?;
            if param.is_empty() || param.contains('{') || before.contains('}') {
                return None;
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            pieces.push(Piece::Param(param));
            rest = after;
        }
        if rest.contains('}') {
            return None;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Some(match pieces[..] {
            [Piece::Param(param)] => Self::OfUrl(param),
            _ => Self::Name(pieces),
        })
    }

    /// The host for a connection with these values; `None` while a param has no value.
    fn fill(&self, values: &Map<String, Value>) -> Result<Option<String>, FieldError> {
        let value = |param: &str| values.get(param).and_then(Value::as_str);
        let wrong = |param: &str, why: &str| FieldError::new(format!("/{param}"), why);
        match self {
            Self::OfUrl(param) => {
                let Some(text) = value(param) else { return Ok(None) };
                let url = parse_url(text).map_err(|e| wrong(param, e.caller_text()))?;
                Ok(url.host_str().map(str::to_owned))
            }
            Self::Name(pieces) => {
                let mut name = String::new();
                let mut last = None;
                for piece in pieces {
                    match *piece {
                        Piece::Text(text) => name.push_str(text),
                        Piece::Param(param) => {
                            let Some(text) = value(param) else { return Ok(None) };
                            if !is_labels(text) {
                                return Err(wrong(
                                    param,
                                    "must be a part of a host name: letters, digits and hyphens, and dots between parts",
                                ));
                            }
                            name.push_str(&text.to_ascii_lowercase());
                            last = Some(param);
                        }
                    }
                }
                match last {
                    Some(param) if name.len() > MAX_NAME => Err(wrong(param, "makes the host name too long")),
                    _ => Ok(Some(name)),
                }
            }
        }
    }
}

/// Whether a text is DNS labels and nothing else: it cannot end a name early, begin a path or name a user.
pub(crate) fn is_labels(text: &str) -> bool {
    let label = |l: &str| {
        (1..=MAX_LABEL).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= MAX_NAME && text.split('.').all(label)
}

/// The hosts that one connection may reach, and what is wrong with values that should name more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved {
    pub(crate) hosts: Vec<String>,
    pub(crate) faults: Vec<FieldError>,
}

impl Resolved {
    pub(crate) fn of<'a>(declared: impl Iterator<Item = &'a String>, values: &Map<String, Value>) -> Self {
        let mut all = Self::default();
        for text in declared {
            match Declared::read(text).map(|d| d.fill(values)) {
                Some(Ok(Some(host))) => all.hosts.push(host),
                Some(Err(fault)) if !all.faults.contains(&fault) => all.faults.push(fault),
                // Without a value, or by braces that do not fit, no host is named: nothing is opened.
                _ => {}
            }
        }
        all.hosts.sort();
        all.hosts.dedup();
        all
    }

    /// What is said of a call to a host that is not declared, if values of the connection may be why.
    pub(crate) fn fault(&self) -> Option<Error> {
        let first = self.faults.first()?;
        let param = first.pointer.trim_start_matches('/');
        let text = format!("the connection's value for `{param}` {}; set it and try again", first.message);
        Some(Error::misconfigured(text).with_fields(self.faults.clone()))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

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
            assert_eq!(is_declared(host, &declared), want, "{host}");
        }
    }

    #[test]
    fn templates_are_read_or_refused() {
        use Piece::{Param, Text};
        for (text, want) in [
            ("{base_url}", Some(Declared::OfUrl("base_url"))),
            ("api.example.com", Some(Declared::Name(vec![Text("api.example.com")]))),
            ("{sub}.example.com", Some(Declared::Name(vec![Param("sub"), Text(".example.com")]))),
            ("*.{a}.{b}.io", Some(Declared::Name(vec![Text("*."), Param("a"), Text("."), Param("b"), Text(".io")]))),
            ("{}.example.com", None),
            ("{a.example.com", None),
            ("a}.example.com", None),
            ("{a{b}}.example.com", None),
        ] {
            assert_eq!(Declared::read(text), want, "{text}");
        }
    }

    #[test]
    fn a_value_fills_labels_and_nothing_else() {
        let of = |value: Value| {
            let declared = ["{sub}.example.com".to_owned(), "status.example.com".to_owned()];
            Resolved::of(declared.iter(), json!({ "sub": value }).as_object().unwrap())
        };
        for (value, host) in [("acme", "acme"), ("ACME-1", "acme-1"), ("eu.acme", "eu.acme"), ("9", "9")] {
            let r = of(json!(value));
            assert_eq!(r.hosts, [format!("{host}.example.com"), "status.example.com".to_owned()]);
            assert!(r.faults.is_empty());
        }
        let long = "a".repeat(64);
        for value in [
            "",
            ".",
            "a..b",
            ".a",
            "a.",
            "-a",
            "a-",
            "evil.com/",
            "evil.com#",
            "evil.com?",
            "a@b",
            "a:1",
            "a b",
            "a\n",
            "ü",
            "*",
            "a_b",
            "%2e",
            "evil.com\\",
            "[::1]",
            &long,
        ] {
            let r = of(json!(value));
            assert_eq!(r.hosts, ["status.example.com"], "{value}");
            assert_eq!(r.faults[0].pointer, "/sub", "{value}");
            let said = r.fault().unwrap();
            assert!(said.caller_text().contains("`sub` must be a part of a host name"), "{said}");
        }
        // Without a value nothing is opened, and nothing is wrong yet.
        for value in [json!(null), json!(7)] {
            let r = of(value);
            assert!(r.hosts == ["status.example.com"] && r.faults.is_empty());
        }
        // Labels that fit one by one and are too long together.
        let many = vec!["a".repeat(60); 4].join(".");
        let r = of(json!(many));
        assert!(r.hosts == ["status.example.com"] && r.faults[0].message.contains("too long"));
    }
}
