//! Where a link may lead.
//!
//! What lives here: the one rule about addresses. Anything but the web and mail is refused: Jira refuses most others, and
//! `javascript:` is an attack on whoever clicks.

use crate::text::clean::{clean, is_kept};

/// A link's target.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::text) struct Link {
    /// An absolute address in which everything is percent-encoded that an address cannot hold.
    pub href: String,
    /// What is shown when the pointer rests on it.
    pub title: Option<String>,
}

impl Link {
    /// The link to an `http`, `https` or `mailto` address; `None` for any other.
    pub(in crate::text) fn new(href: &str, title: &str) -> Option<Self> {
        let href = encoded(href);
        let (scheme, rest) = href.split_once(':')?;
        let allowed = match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => rest.len() > 2 && rest.starts_with("//"),
            "mailto" => !rest.is_empty(),
            _ => false,
        };
        let title = clean(title).split_whitespace().collect::<Vec<_>>().join(" ");
        allowed.then_some(Self { href, title: Some(title).filter(|t| !t.is_empty()) })
    }
}

/// Percent-encodes what stands in no address (RFC 3986), blanks among them, and drops control characters.
fn encoded(href: &str) -> String {
    let mut out = String::with_capacity(href.len());
    let href = href.trim();
    // Brackets stand around a host's number alone.
    let host = href.find("://").map_or(0, |at| at + 3);
    let path = href.get(host..).and_then(|h| h.find(['/', '?', '#'])).map_or(href.len(), |at| host + at);
    for (i, c) in href.char_indices() {
        match c {
            c if !is_kept(c) => {}
            c if c.is_whitespace() || "<>\"\\^`{|}".contains(c) || (i >= path && matches!(c, '[' | ']')) => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail() {
        for href in ["https://x.test", "HTTP://x.test/a", "mailto:mia@example.com"] {
            assert_eq!(Link::new(href, "").unwrap().href, href);
        }
        for href in
            ["", "javascript:alert(1)", "java\nscript:alert(1)", " \u{1}javascript:x", "data:text/html,x", "//x.test"]
        {
            assert_eq!(Link::new(href, ""), None, "{href:?}");
        }
        for href in
            ["https:", "https://", "mailto:", "/browse/A-1", "#top", "file:///etc/passwd", "vbscript:x", "HTTPS:x.test"]
        {
            assert_eq!(Link::new(href, ""), None, "{href:?}");
        }
    }

    #[test]
    fn what_no_address_holds_is_encoded() {
        let link = Link::new(" https://x.test/a b|c\u{a0}\\{d}\u{7}<e>\"ü ", "  a\n b\u{0} ").unwrap();
        assert_eq!(link.href, "https://x.test/a%20b%7Cc%C2%A0%5C%7Bd%7D%3Ce%3E%22ü");
        let number = Link::new("http://[::1]:80/a[b]", "").unwrap();
        assert_eq!(number.href, "http://[::1]:80/a%5Bb%5D");
        assert_eq!(link.title.as_deref(), Some("a b"));
    }
}
