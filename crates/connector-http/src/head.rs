//! The caps of an answer's head, and what frames or routes a request.

use connector_core::{Error, Result, request::Filled};
use http::{HeaderMap, HeaderValue, Method, header};

/// Most header lines of an answer.
pub const MAX_HEADERS: usize = 100;
/// Most bytes of names and values of an answer's headers together.
pub const MAX_HEADER_BYTES: usize = 64 << 10;

/// Headers that frame or route the request: they are the transport's, and a connector's could go round the guard. So is the
/// encoding of the answer, which the transport must be able to read.
const OWN_HEADERS: [header::HeaderName; 9] = [
    header::ACCEPT_ENCODING,
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
];

/// Sees that the request leaves the transport what is its own.
pub(crate) fn check_own(filled: &Filled) -> Result<()> {
    if let Some(name) = OWN_HEADERS.iter().find(|name| filled.headers.contains_key(*name)) {
        return Err(Error::internal(format!("the connector sets the header `{name}`, which is the transport's")));
    }
    if filled.method == Method::CONNECT {
        return Err(Error::internal("the connector uses the method CONNECT, which would open a tunnel"));
    }
    Ok(())
}

/// Asks for gzip. Not for a part of a body: a part of a compressed one cannot be opened.
pub(crate) fn ask_for_gzip(headers: &mut HeaderMap) {
    let encoding = if headers.contains_key(header::RANGE) { "identity" } else { "gzip" };
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
}

/// Whether an answer's head keeps the caps. HTTP/1.1 is counted by the client too, while it reads; HTTP/2 by size alone.
pub(crate) fn keeps_caps(headers: &HeaderMap) -> bool {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    headers.len() <= MAX_HEADERS && bytes <= MAX_HEADER_BYTES
}
