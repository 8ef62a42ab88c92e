//! Takes the secrets of a request back out of the answer to it and of what errors say.
//!
//! Services echo: an error page quotes the URL, a proxy the headers. What a connector reads ends up in error texts, logs
//! and outputs, so the secrets are cut out before it reads anything. What lives here: the search for exactly the values
//! that this request sent, in the forms in which they come back. What must not: guessing what else could be a secret; that
//! would change answers that connectors read.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use memchr::memmem;
use url::Url;

use crate::{
    error::Result,
    request::{Response, path_segment},
    secret::{Secret, SecretSlot, SecretSource},
};

/// What stands in an answer where a secret stood.
pub const REDACTED: &str = "[redacted]";
/// Shorter values are left alone: they stand in any text by chance, and are no secrets worth the name.
const SHORTEST: usize = 6;
/// From this length on, a segment or query value of a secret URL counts as the secret in it.
const SHORTEST_URL_PIECE: usize = 16;

/// The texts without the secrets that a request with these slots carries: for layers of a transport that keep something of
/// an answer, which they see before [`Cx::send`](crate::Cx::send) has cleaned it.
pub async fn clean(secrets: &Arc<dyn SecretSource>, slots: &[SecretSlot], texts: Vec<String>) -> Vec<String> {
    let recorder = Recorder::new(secrets.clone());
    for slot in slots {
        // One that is not there was not sent.
        let _ = recorder.secret(slot.secret_id()).await;
    }
    let scrubber = recorder.scrubber(slots);
    texts.into_iter().map(|t| scrubber.text(t)).collect()
}

/// Hands secrets through and remembers them.
pub(crate) struct Recorder {
    inner: Arc<dyn SecretSource>,
    seen: Mutex<Vec<(String, Secret)>>,
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn SecretSource>) -> Self {
        Self { inner, seen: Mutex::default() }
    }

    /// Tells the source that the service refused what was handed through; gives whether there is something newer.
    pub(crate) async fn refused(&self) -> Result<bool> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (id, secret) in &seen {
            if self.inner.refused(id, secret).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The scrubber for the secrets that went into these slots.
    pub(crate) fn scrubber(&self, slots: &[SecretSlot]) -> Scrubber {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut needles = Vec::new();
        for (id, secret) in seen.iter() {
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
impl SecretSource for Recorder {
    async fn secret(&self, id: &str) -> Result<Secret> {
        let secret = self.inner.secret(id).await?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push((id.to_owned(), secret.clone()));
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

/// Replaces the secrets of one request by [`REDACTED`].
pub(crate) struct Scrubber {
    needles: Vec<Secret>,
}

impl Scrubber {
    /// Cuts them out of body and headers. A JSON body stays JSON.
    pub(crate) fn response(&self, response: &mut Response) {
        response.body = self.bytes(std::mem::take(&mut response.body));
        self.headers(&mut response.headers);
    }

    /// The bytes without the secrets; the same buffer if there was none in it.
    fn bytes(&self, data: Bytes) -> Bytes {
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
    fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(clean) = self.replaced(value.as_bytes()) {
                *value = HeaderValue::from_bytes(&clean).unwrap_or(HeaderValue::from_static(REDACTED));
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
    // Preparing a search costs more than most headers are long.
    if hay.len() < needle.len() {
        return None;
    }
    let mut places = memmem::find_iter(hay, needle).peekable();
    places.peek()?;
    let mut out = Vec::with_capacity(hay.len());
    let mut from = 0;
    for at in places {
        out.extend_from_slice(hay.get(from..at).unwrap_or_default());
        out.extend_from_slice(REDACTED.as_bytes());
        from = at + needle.len();
    }
    out.extend_from_slice(hay.get(from..).unwrap_or_default());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretMap;

    async fn scrubber(slot: SecretSlot, value: &str) -> Scrubber {
        let recorder = Recorder::new(Arc::new(SecretMap::new().with("s", value)));
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
            assert_eq!(s.text(format!("a {echo}, b {echo}!")), "a [redacted], b [redacted]!", "{echo}");
        }
        assert_eq!(s.text("CAN/ARY+2".into()), "CAN/ARY+2");
        let same = Bytes::from_static(b"nothing in it");
        assert_eq!(s.bytes(same.clone()).as_ptr(), same.as_ptr());
    }

    #[tokio::test]
    async fn basic_and_url_secrets_go_in_their_own_forms() {
        let s = scrubber(SecretSlot::Basic { user: "me".into(), secret: "s".into() }, "CANARY").await;
        assert_eq!(s.text("Basic bWU6Q0FOQVJZ".into()), "Basic [redacted]");
        let s = scrubber(
            SecretSlot::Url { secret: "s".into() },
            "https://hooks.example/services/T0/B0/CANARYCANARYCANARY00",
        )
        .await;
        for (echo, want) in [
            ("no https://hooks.example/services/T0/B0/CANARYCANARYCANARY00", "no [redacted]"),
            ("no https:\\/\\/hooks.example\\/services\\/T0\\/B0\\/CANARYCANARYCANARY00", "no [redacted]"),
            ("no /services/T0/B0/CANARYCANARYCANARY00 here", "no [redacted] here"),
            ("no CANARYCANARYCANARY00", "no [redacted]"),
            ("no services", "no services"),
        ] {
            assert_eq!(s.text(echo.into()), want);
        }
    }

    #[tokio::test]
    async fn headers_are_cleaned_and_short_values_left_alone() {
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_static("https://x.example/?t=CANARY"));
        let mut r = Response { status: http::StatusCode::OK, headers, body: Bytes::from_static(b"\xff CANARY \xfe") };
        scrubber(header(), "CANARY").await.response(&mut r);
        assert_eq!(r.header("location"), Some("https://x.example/?t=[redacted]"));
        assert_eq!(&r.body[..], b"\xff [redacted] \xfe");
        assert_eq!(scrubber(header(), "a").await.text("a banana".into()), "a banana");
    }
}
