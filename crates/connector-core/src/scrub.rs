//! Takes a request's own secrets out of the answer to it.
//!
//! Services echo: an error page quotes the URL, a proxy the headers. What a connector reads ends up in error texts, logs
//! and outputs, so the secrets are cut out before it reads anything. What lives here: the forms in which a secret comes
//! back. What must not: guessing at secrets of others.

use base64::Engine as _;
use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::{
    request::{Response, path_segment},
    secret::{SecretSlot, SecretSource},
};

/// What stands in an answer where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Shorter texts would be found by chance.
const SHORTEST: usize = 8;

/// The forms in which the secrets of one request may come back, longest first.
pub(crate) struct Echoes(Vec<Zeroizing<String>>);

impl Echoes {
    /// The forms of the secrets in these slots. A secret that cannot be had was not sent either.
    pub(crate) async fn of(slots: &[SecretSlot], secrets: &dyn SecretSource) -> Self {
        let mut forms: Vec<Zeroizing<String>> = Vec::new();
        for slot in slots {
            let Ok(secret) = secrets.secret(slot.secret_id()).await else { continue };
            let Some(text) = secret.expose_str() else { continue };
            let mut add = |form: String| {
                if form.len() >= SHORTEST {
                    forms.push(Zeroizing::new(form));
                }
            };
            add(text.to_owned());
            add(path_segment(text));
            add(url::form_urlencoded::byte_serialize(text.as_bytes()).collect());
            let quoted = serde_json::Value::from(text).to_string();
            let quoted = quoted.trim_matches('"');
            add(quoted.to_owned());
            add(quoted.replace('/', "\\/"));
            match slot {
                SecretSlot::Basic { user, .. } => {
                    let pair = Zeroizing::new(format!("{user}:{text}"));
                    add(base64::prelude::BASE64_STANDARD.encode(pair.as_bytes()));
                }
                SecretSlot::Url { .. } => {
                    // Servers know the path of a request, not its host.
                    if let Ok(url) = crate::request::parse_url(text)
                        && url.path().len() >= 2 * SHORTEST
                    {
                        add(url.path().to_owned());
                        add(url.path().replace('/', "\\/"));
                    }
                }
                _ => {}
            }
        }
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self(forms)
    }

    /// Cuts them out of body and headers. A JSON body stays JSON.
    pub(crate) fn scrub(&self, response: &mut Response) {
        for form in &self.0 {
            if let Some(body) = replaced(&response.body, form.as_bytes()) {
                response.body = Bytes::from(body);
            }
        }
        for value in response.headers.values_mut() {
            for form in &self.0 {
                if let Some(new) = replaced(value.as_bytes(), form.as_bytes()) {
                    *value = HeaderValue::from_bytes(&new).unwrap_or(HeaderValue::from_static(REDACTED));
                }
            }
        }
    }
}

/// The haystack with every needle replaced; `None` when there is none, which is nearly always.
fn replaced(haystack: &[u8], needle: &[u8]) -> Option<Vec<u8>> {
    let (first, _) = needle.split_first()?;
    let mut out: Option<Vec<u8>> = None;
    let mut rest = haystack;
    while let Some(at) = find(rest, needle, *first) {
        let (before, tail) = rest.split_at(at);
        let out = out.get_or_insert_with(|| Vec::with_capacity(haystack.len()));
        out.extend_from_slice(before);
        out.extend_from_slice(REDACTED.as_bytes());
        rest = tail.get(needle.len()..).unwrap_or_default();
    }
    if let Some(out) = &mut out {
        out.extend_from_slice(rest);
    }
    out
}

fn find(haystack: &[u8], needle: &[u8], first: u8) -> Option<usize> {
    // Text is nearly all there is, and `str::find` is linear and fast.
    if let (Ok(h), Ok(n)) = (std::str::from_utf8(haystack), std::str::from_utf8(needle)) {
        return h.find(n);
    }
    let mut at = 0;
    while let Some(step) = haystack.get(at..)?.iter().position(|b| *b == first) {
        at += step;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretMap;

    async fn scrubbed(slot: SecretSlot, secret: &str, body: &[u8]) -> String {
        let echoes = Echoes::of(&[slot], &SecretMap::new().with("s", secret)).await;
        let mut headers = http::HeaderMap::new();
        headers.insert("location", "/services/T0/B0/CANARY?x".parse().unwrap());
        let mut r = Response { status: http::StatusCode::OK, headers, body: Bytes::copy_from_slice(body) };
        echoes.scrub(&mut r);
        assert!(matches!(r.header("location"), Some("[redacted]?x" | "/services/T0/B0/CANARY?x")));
        String::from_utf8_lossy(&r.body).into_owned()
    }

    #[tokio::test]
    async fn every_form_is_cut_out() {
        let header = || SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "s".into() };
        assert_eq!(scrubbed(header(), "CANARY/12", b"{\"m\":\"Bearer CANARY/12\"}").await, "{\"m\":\"Bearer [redacted]\"}");
        assert_eq!(scrubbed(header(), "CANARY/12", b"?t=CANARY%2F12, CANARY\\/12").await, "?t=[redacted], [redacted]");
        assert_eq!(scrubbed(header(), "CANARY/12", b"\xff CANARY/12 \xfe").await, "\u{fffd} [redacted] \u{fffd}");
        let basic = SecretSlot::Basic { user: "bob".into(), secret: "s".into() };
        assert_eq!(scrubbed(basic, "CANARY12", b"Basic Ym9iOkNBTkFSWTEy").await, "Basic [redacted]");
        let url = SecretSlot::Url { secret: "s".into() };
        let secret = "https://h.example/services/T0/B0/CANARY";
        assert_eq!(scrubbed(url, secret, b"no route /services/T0/B0/CANARY").await, "no route [redacted]");
    }

    #[tokio::test]
    async fn short_secrets_and_other_text_stay() {
        let slot = SecretSlot::Query { name: "k", secret: "s".into() };
        assert_eq!(scrubbed(slot, "ok", b"{\"ok\":true}").await, "{\"ok\":true}");
    }
}
