//! Takes the secrets of a call back out of what the service answers and of what errors say.
//!
//! What lives here: the search for exactly the values that this call sent, in the forms a service or library echoes them.
//! What must not: guessing what else could be a secret; that would change answers that connectors read.

use std::sync::Mutex;

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use connector_core::{Result, Secret, SecretSlot, SecretSource, request::path_segment};
use http::{HeaderMap, HeaderValue};
use url::Url;

const MARK: &[u8] = b"[secret]";
/// Shorter values are left alone: they stand in any text by chance, and are no secrets worth the name.
const SHORTEST: usize = 4;
/// From this length on, a segment or query value of a secret URL counts as the secret in it.
const SHORTEST_URL_PIECE: usize = 16;

/// Hands secrets through and remembers them.
pub(crate) struct Recorder<'a> {
    inner: &'a dyn SecretSource,
    seen: Mutex<Vec<(String, Secret)>>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(inner: &'a dyn SecretSource) -> Self {
        Self { inner, seen: Mutex::default() }
    }

    /// The scrubber for the secrets that went into these slots.
    pub(crate) fn scrubber(self, slots: &[SecretSlot]) -> Scrubber {
        let seen = self.seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut needles = Vec::new();
        for (id, secret) in &seen {
            needles.push(secret.expose().to_vec());
            let Some(text) = secret.expose_str() else { continue };
            add_encodings(&mut needles, text);
            for slot in slots.iter().filter(|s| s.secret_id() == id) {
                match slot {
                    SecretSlot::Basic { user, .. } => {
                        needles.push(BASE64_STANDARD.encode(format!("{user}:{text}")).into_bytes());
                    }
                    SecretSlot::Url { .. } => add_url(&mut needles, text),
                    _ => {}
                }
            }
        }
        needles.retain(|n| n.len() >= SHORTEST);
        // The longest first: a part must not be taken out of the whole.
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Scrubber { needles: needles.into_iter().map(Secret::new).collect() }
    }
}

#[async_trait]
impl SecretSource for Recorder<'_> {
    async fn secret(&self, id: &str) -> Result<Secret> {
        let secret = self.inner.secret(id).await?;
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((id.to_owned(), secret.clone()));
        Ok(secret)
    }

    fn has(&self, id: &str) -> bool {
        self.inner.has(id)
    }
}

fn add_encodings(needles: &mut Vec<Vec<u8>>, text: &str) {
    needles.push(path_segment(text).into_bytes());
    needles.push(url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into_bytes());
    if let Ok(json) = serde_json::to_string(text) {
        let inner = json.strip_prefix('"').and_then(|j| j.strip_suffix('"')).unwrap_or_default();
        // Some JSON writers escape the slash.
        needles.push(inner.replace('/', "\\/").into_bytes());
        needles.push(inner.to_owned().into_bytes());
    }
}

fn add_url(needles: &mut Vec<Vec<u8>>, text: &str) {
    let Ok(url) = Url::parse(text) else { return };
    add_encodings(needles, url.as_str());
    needles.push(url.as_str().to_owned().into_bytes());
    let mut path = url.path().to_owned();
    let segments = url.path_segments().into_iter().flatten().map(str::to_owned);
    let values = url.query_pairs().map(|(_, v)| v.into_owned());
    for piece in segments.chain(values).filter(|p| p.len() >= SHORTEST_URL_PIECE) {
        add_encodings(needles, &piece);
        needles.push(piece.into_bytes());
    }
    if let Some(query) = url.query() {
        path = format!("{path}?{query}");
    }
    if path.len() >= SHORTEST_URL_PIECE {
        add_encodings(needles, &path);
        needles.push(path.into_bytes());
    }
}

/// Replaces the secrets of one call by `[secret]`.
#[derive(Default)]
pub(crate) struct Scrubber {
    needles: Vec<Secret>,
}

impl Scrubber {
    /// The bytes without the secrets; the same buffer if there was none in it.
    pub(crate) fn bytes(&self, data: Bytes) -> Bytes {
        self.replaced(&data).map_or(data, Bytes::from)
    }

    /// The text without the secrets.
    pub(crate) fn text(&self, text: String) -> String {
        match self.replaced(text.as_bytes()) {
            Some(clean) => String::from_utf8_lossy(&clean).into_owned(),
            None => text,
        }
    }

    /// Takes the secrets out of every value.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(clean) = self.replaced(value.as_bytes()) {
                *value = HeaderValue::from_bytes(&clean).unwrap_or(HeaderValue::from_static("[secret]"));
            }
        }
    }

    fn replaced(&self, data: &[u8]) -> Option<Vec<u8>> {
        let mut out: Option<Vec<u8>> = None;
        for needle in &self.needles {
            let (needle, hay) = (needle.expose(), out.as_deref().unwrap_or(data));
            if let Some(clean) = replace(hay, needle) {
                out = Some(clean);
            }
        }
        out
    }
}

fn replace(hay: &[u8], needle: &[u8]) -> Option<Vec<u8>> {
    let find = |from: &[u8]| from.windows(needle.len()).position(|w| w == needle);
    let mut at = find(hay)?;
    let mut rest = hay;
    let mut out = Vec::with_capacity(hay.len());
    loop {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(MARK);
        rest = after.get(needle.len()..).unwrap_or_default();
        match find(rest) {
            Some(next) => at = next,
            None => {
                out.extend_from_slice(rest);
                return Some(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use connector_core::SecretMap;

    use super::*;

    async fn scrubber(slot: SecretSlot, value: &str) -> Scrubber {
        let map = SecretMap::new().with("s", value);
        let recorder = Recorder::new(&map);
        recorder.secret("s").await.ok().unwrap();
        recorder.scrubber(&[slot])
    }

    fn header() -> SecretSlot {
        SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "s".into() }
    }

    #[tokio::test]
    async fn every_form_of_a_value_goes_and_the_rest_stays() {
        let s = scrubber(header(), "CAN/ARY+1 \"x").await;
        for echo in ["CAN/ARY+1 \"x", "CAN%2FARY%2B1%20%22x", "CAN%2FARY%2B1+%22x", "CAN\\/ARY+1 \\\"x"] {
            assert_eq!(s.text(format!("a {echo}, b {echo}!")), "a [secret], b [secret]!", "{echo}");
        }
        assert_eq!(s.text("CAN/ARY+2".into()), "CAN/ARY+2");
        let same = Bytes::from_static(b"nothing in it");
        assert_eq!(s.bytes(same.clone()).as_ptr(), same.as_ptr());
    }

    #[tokio::test]
    async fn basic_and_url_secrets_go_in_their_own_forms() {
        let s = scrubber(SecretSlot::Basic { user: "me".into(), secret: "s".into() }, "CANARY").await;
        assert_eq!(s.text("Basic bWU6Q0FOQVJZ".into()), "Basic [secret]");
        let s = scrubber(
            SecretSlot::Url { secret: "s".into() },
            "https://hooks.example/services/T0/B0/CANARYCANARYCANARY00",
        )
        .await;
        for (echo, want) in [
            ("no https://hooks.example/services/T0/B0/CANARYCANARYCANARY00", "no [secret]"),
            ("no https:\\/\\/hooks.example\\/services\\/T0\\/B0\\/CANARYCANARYCANARY00", "no [secret]"),
            ("no /services/T0/B0/CANARYCANARYCANARY00 here", "no [secret] here"),
            ("no CANARYCANARYCANARY00", "no [secret]"),
            ("no services", "no services"),
        ] {
            assert_eq!(s.text(echo.into()), want);
        }
    }

    #[tokio::test]
    async fn headers_are_cleaned_and_short_values_left_alone() {
        let mut h = HeaderMap::new();
        h.insert("location", HeaderValue::from_static("https://x.example/?t=CANARY"));
        scrubber(header(), "CANARY").await.headers(&mut h);
        assert_eq!(h.get("location").unwrap(), "https://x.example/?t=[secret]");
        assert_eq!(scrubber(header(), "a").await.text("a banana".into()), "a banana");
    }
}
