//! Reads out of an answer what the service announces about its own API. Pure: of texts, without a network or a clock.
//!
//! | answer | signal | RFC or page |
//! |---|---|---|
//! | `Deprecation: @1688169599`, or as older drafts had it `true` or a date | `deprecation` | RFC 9745 |
//! | `Sunset: Sat, 31 Dec 2027 23:59:59 GMT` | `sunset` | RFC 8594 |
//! | `Link: <…>; rel="deprecation"`, `rel="sunset"` | `deprecation_link`, `sunset_link` | RFC 8288 |
//! | `Warning: 299 - "…"` | `warning` | RFC 7234, section 5.5 |
//! | 410 | `gone` | RFC 9110, section 15.5.11 |
//! | 400 that names the version asked for | `version_refused` | GitHub: <https://docs.github.com/rest/about-the-rest-api/api-versions> |
//! | `x-acme-version` or `x-acme-version-selected` other than asked for | `version_differs` | GitHub, Stripe and their like |
//!
//! What must not be here: keeping anything. Values are as the service wrote them; the caller cleans them.

use connector_core::{
    Request, Response, Timestamp,
    signal::{MAX_PER_ENDPOINT, SignalKind},
    status::http_date,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Most headers of one name that are looked at.
const MAX_HEADERS: usize = 4;
/// How much of a refusal is searched for the version.
const MAX_TEXT: usize = 2000;

/// The versions that a request asks for: headers such as `x-github-api-version` or `notion-version`.
pub(crate) struct Asked(Vec<(HeaderName, HeaderValue)>);

impl Asked {
    pub(crate) fn of(request: &Request) -> Self {
        let versions = request.headers().iter().filter(|(name, _)| name.as_str().ends_with("-version"));
        Self(versions.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Everything that the answer announces.
    pub(crate) fn announced(&self, answer: &Response) -> Vec<(SignalKind, String)> {
        let mut found = Vec::new();
        let headers = &answer.headers;
        found.extend(texts(headers, "deprecation").filter_map(deprecation).map(|v| (SignalKind::Deprecation, v)));
        found.extend(texts(headers, "sunset").map(|v| (SignalKind::Sunset, date(v))));
        found.extend(texts(headers, "warning").flat_map(warnings).map(|v| (SignalKind::Warning, v)));
        found.extend(texts(headers, "link").flat_map(links));
        if answer.status == http::StatusCode::GONE {
            found.push((SignalKind::Gone, "HTTP 410".to_owned()));
        }
        self.versions(answer, &mut found);
        found
    }

    fn versions(&self, answer: &Response, found: &mut Vec<(SignalKind, String)>) {
        for (name, asked) in &self.0 {
            let Ok(asked) = asked.to_str() else { continue };
            let answered = [format!("{name}-selected"), name.to_string()]
                .into_iter()
                .find_map(|n| answer.header(&n).map(str::to_owned));
            if let Some(answered) = answered.filter(|a| a.trim() != asked.trim()) {
                found.push((SignalKind::VersionDiffers, format!("asked {name}: {asked}, answered {answered}")));
            }
            if answer.status == http::StatusCode::BAD_REQUEST && is_about_version(answer, name, asked) {
                found.push((SignalKind::VersionRefused, format!("{name}: {asked}")));
            }
        }
    }
}

/// Whether a refusal is about the version and not about the input.
fn is_about_version(answer: &Response, name: &HeaderName, asked: &str) -> bool {
    let text = answer.text_excerpt(MAX_TEXT).to_lowercase();
    let names_it = [name.as_str(), "api version", "api-version"].iter().any(|n| text.contains(n));
    names_it || (text.contains("version") && text.contains(&asked.to_lowercase()))
}

fn texts<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().take(MAX_HEADERS).filter_map(|v| v.to_str().ok()).map(str::trim)
}

/// Since or from when; `true` where the service does not say.
fn deprecation(value: &str) -> Option<String> {
    match value {
        "" | "false" | "?0" => None,
        "true" | "?1" => Some("true".to_owned()),
        _ => Some(value.strip_prefix('@').and_then(instant).unwrap_or_else(|| date(value))),
    }
}

fn instant(seconds: &str) -> Option<String> {
    Some(Timestamp::from_second(seconds.parse().ok()?).ok()?.to_string())
}

/// A date of HTTP in RFC 3339; anything else as it is.
fn date(value: &str) -> String {
    http_date(value).map_or_else(|| value.to_owned(), |t| t.to_string())
}

/// The texts of the warnings 299 in a header: `299 agent "text" "date"`, more of them after commas.
fn warnings(value: &str) -> Vec<String> {
    let mut out = Vec::new();
    for piece in split(value, ',') {
        let mut words = piece.trim().splitn(3, ' ');
        if words.next() == Some("299")
            && let (Some(_agent), Some(rest)) = (words.next(), words.next())
        {
            out.push(quoted(rest.trim()));
            if out.len() >= MAX_PER_ENDPOINT {
                break;
            }
        }
    }
    out
}

/// The addresses of the links with `rel` deprecation or sunset.
fn links(value: &str) -> Vec<(SignalKind, String)> {
    let mut out = Vec::new();
    for piece in split(value, ',') {
        let Some((target, params)) = piece.trim().strip_prefix('<').and_then(|p| p.split_once('>')) else { continue };
        // The first counts (RFC 8288, section 3.3).
        let rel = split(params, ';').into_iter().find_map(|p| {
            let (name, value) = p.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| quoted(value.trim()))
        });
        // Once a kind and link, and no more than is kept: a header that says it a thousand times must not cost a thousand copies.
        let rel = rel.unwrap_or_default();
        let says = |word: &str| rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case(word));
        for (word, kind) in [("deprecation", SignalKind::DeprecationLink), ("sunset", SignalKind::SunsetLink)] {
            if says(word) && out.len() < MAX_PER_ENDPOINT {
                out.push((kind, target.to_owned()));
            }
        }
    }
    out
}

/// The pieces between separators, those inside of quotes or of `<…>` left alone.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut out, mut from) = (Vec::new(), 0);
    let (mut in_quotes, mut in_target, mut escaped) = (false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' if !in_target => in_quotes = !in_quotes,
            '<' if !in_quotes => in_target = true,
            '>' if !in_quotes => in_target = false,
            _ if c == separator && !in_quotes && !in_target => {
                out.extend(text.get(from..at));
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    out.extend(text.get(from..));
    out
}

/// What stands in quotes at the beginning, without them; a text without quotes as it is.
fn quoted(text: &str) -> String {
    let Some(rest) = text.strip_prefix('"') else { return text.to_owned() };
    let (mut out, mut escaped) = (String::new(), false);
    for c in rest.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                out.push(c);
            }
            '\\' => escaped = true,
            '"' => break,
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
    use connector_core::Method;
    use http::StatusCode;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response {
        let mut h = HeaderMap::new();
        for (name, value) in headers {
            h.append(*name, value.parse().unwrap());
        }
        Response { status: StatusCode::from_u16(status).unwrap(), headers: h, body: body.to_owned().into() }
    }

    fn announced(answer: &Response) -> Vec<(&'static str, String)> {
        let request = Request::new(Method::GET, "https://api.example/").unwrap();
        let request = request.header("x-github-api-version", "2022-11-28").unwrap().header("accept", "x").unwrap();
        Asked::of(&request).announced(answer).into_iter().map(|(k, v)| (k.as_str(), v)).collect()
    }

    fn of(headers: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        announced(&answer(200, headers, ""))
    }

    fn is(found: Vec<(&'static str, String)>, want: &[(&'static str, &str)]) {
        let found: Vec<(&str, &str)> = found.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn deprecations_in_every_form() {
        is(of(&[("deprecation", "@1688169599")]), &[("deprecation", "2023-06-30T23:59:59Z")]);
        is(of(&[("deprecation", "true")]), &[("deprecation", "true")]);
        is(of(&[("deprecation", "Fri, 11 Nov 2022 23:59:59 GMT")]), &[("deprecation", "2022-11-11T23:59:59Z")]);
        is(of(&[("deprecation", "version=\"v2\"")]), &[("deprecation", "version=\"v2\"")]);
        is(of(&[("deprecation", "@99999999999999999999")]), &[("deprecation", "@99999999999999999999")]);
        is(of(&[("deprecation", "false"), ("deprecation", "")]), &[]);
    }

    #[test]
    fn sunsets_and_links() {
        is(of(&[("sunset", "Fri, 31 Dec 2027 23:59:59 GMT")]), &[("sunset", "2027-12-31T23:59:59Z")]);
        is(of(&[("sunset", "soon")]), &[("sunset", "soon")]);
        let link = "<https://a.example/?q=1,2;x>; rel=\"next\", <https://d.example/x>; title=\"a, \\\"b; rel=sunset\"; rel=\"Deprecation other\", </s>;rel=sunset; rel=deprecation";
        is(of(&[("link", link)]), &[("deprecation_link", "https://d.example/x"), ("sunset_link", "/s")]);
        is(of(&[("link", "<no end; rel=sunset"), ("link", ""), ("link", "<x>"), ("link", "x; rel=\"sunset")]), &[]);
    }

    #[test]
    fn what_is_said_a_thousand_times_is_kept_once() {
        let link = format!("<https://x.example/{}>; rel=\"{}\"", "x".repeat(30_000), "sunset ".repeat(4000));
        assert_eq!(links(&link).len(), 1);
        let many = "<https://x.example/>; rel=\"sunset deprecation\", ".repeat(1000);
        assert_eq!(links(&many).len(), MAX_PER_ENDPOINT);
        assert_eq!(warnings(&"299 a \"b\", ".repeat(1000)).len(), MAX_PER_ENDPOINT);
    }

    #[test]
    fn warnings_of_299_only() {
        let k8s = "299 - \"policy/v1beta1 is deprecated, use \\\"policy/v1\\\"\"";
        is(of(&[("warning", k8s)]), &[("warning", "policy/v1beta1 is deprecated, use \"policy/v1\"")]);
        let two = "199 a \"x\", 299 b.example:80 \"one, two\" \"Sat, 25 Aug 2012 23:34:45 GMT\",299 c three";
        is(of(&[("warning", two)]), &[("warning", "one, two"), ("warning", "three")]);
        is(of(&[("warning", "299"), ("warning", "110 - \"stale\""), ("warning", "2990 - \"x\"")]), &[]);
    }

    #[test]
    fn versions_asked_for_and_answered() {
        is(of(&[("x-github-api-version-selected", "2022-11-28")]), &[]);
        is(
            of(&[("x-github-api-version-selected", "2026-03-10")]),
            &[("version_differs", "asked x-github-api-version: 2022-11-28, answered 2026-03-10")],
        );
        is(
            of(&[("x-github-api-version", "1")]),
            &[("version_differs", "asked x-github-api-version: 2022-11-28, answered 1")],
        );
        is(of(&[("x-other-version", "1")]), &[]);
        for body in [
            "{\"message\": \"Invalid API version\"}",
            "Version 2022-11-28 is no longer supported",
            "bad X-GitHub-Api-Version",
        ] {
            is(announced(&answer(400, &[], body)), &[("version_refused", "x-github-api-version: 2022-11-28")]);
        }
        is(announced(&answer(400, &[], "Problems parsing JSON")), &[]);
        is(announced(&answer(422, &[], "no api version")), &[]);
        is(announced(&answer(410, &[], "")), &[("gone", "HTTP 410")]);
    }

    #[test]
    fn no_more_headers_of_one_name_than_a_few() {
        let many: Vec<(&str, &str)> = (0..50).map(|_| ("sunset", "x")).collect();
        assert_eq!(of(&many).len(), MAX_HEADERS);
    }
}
