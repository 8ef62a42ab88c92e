//! HTTP/1.1 as bytes: requests are read here, answers written.
//!
//! A server of our own, and not a library's, since it must be able to do at the wire what no honest server does.
//! What must not live here: what a request is answered with.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::answer::Answer;

/// Longest head of a request.
const MOST_HEAD: usize = 64 << 10;
/// Longest body of a request.
const MOST_BODY: usize = 64 << 20;
/// Most headers of a request.
const MOST_HEADERS: usize = 128;

/// The head of a request.
pub(super) struct Head {
    pub(super) method: Method,
    /// Path and query, as they were sent.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
}

fn invalid(why: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}

impl Head {
    /// Reads the next request's head; `None` when the client closed the connection instead.
    ///
    /// # Errors
    /// `InvalidData` for what is no request; else the connection's own.
    pub(super) async fn read(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Option<Self>> {
        loop {
            if let Some((head, used)) = Self::parse(buffer)? {
                buffer.advance(used);
                return Ok(Some(head));
            }
            if buffer.len() > MOST_HEAD {
                return Err(invalid("the request's head is too long"));
            }
            if stream.read_buf(buffer).await? == 0 {
                return if buffer.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut slots);
        let httparse::Status::Complete(used) = request.parse(bytes).map_err(invalid)? else { return Ok(None) };
        let mut headers = HeaderMap::new();
        for h in request.headers.iter() {
            let name = HeaderName::from_bytes(h.name.as_bytes()).map_err(invalid)?;
            headers.append(name, HeaderValue::from_bytes(h.value).map_err(invalid)?);
        }
        let method = request.method.unwrap_or_default().parse().map_err(invalid)?;
        let target = request.path.unwrap_or_default().to_owned();
        Ok(Some((Self { method, target, headers }, used)))
    }

    /// Path and query apart.
    pub(super) fn split(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    fn says(&self, name: HeaderName, word: &str) -> bool {
        let values = self.headers.get_all(name);
        values.iter().filter_map(|v| v.to_str().ok()).any(|v| v.to_ascii_lowercase().contains(word))
    }

    /// Whether the client wants the connection kept.
    pub(super) fn keeps(&self) -> bool {
        !self.says(http::header::CONNECTION, "close")
    }

    /// Reads the request's body.
    ///
    /// # Errors
    /// `InvalidData` for a length or a chunk that is none; else the connection's own.
    pub(super) async fn body(&self, stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Bytes> {
        if self.says(http::header::EXPECT, "100-continue") {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if self.says(http::header::TRANSFER_ENCODING, "chunked") {
            return chunks(stream, buffer).await;
        }
        let Some(length) = self.headers.get(http::header::CONTENT_LENGTH) else { return Ok(Bytes::new()) };
        let length: usize = length.to_str().ok().and_then(|l| l.parse().ok()).ok_or_else(|| invalid("no length"))?;
        take(stream, buffer, length).await
    }
}

async fn take(stream: &mut TcpStream, buffer: &mut BytesMut, length: usize) -> io::Result<Bytes> {
    if length > MOST_BODY {
        return Err(invalid("the request's body is too long"));
    }
    while buffer.len() < length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.split_to(length).freeze())
}

async fn chunks(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let (used, size) = loop {
            match httparse::parse_chunk_size(buffer).map_err(|_| invalid("no chunk"))? {
                httparse::Status::Complete(found) => break found,
                httparse::Status::Partial if stream.read_buf(buffer).await? == 0 => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                httparse::Status::Partial => {}
            }
        };
        buffer.advance(used);
        let size = usize::try_from(size).map_err(invalid)?;
        let chunk = take(stream, buffer, size.saturating_add(2)).await?;
        if size == 0 {
            return Ok(body.freeze());
        }
        body.extend_from_slice(chunk.get(..size).unwrap_or_default());
        if body.len() > MOST_BODY {
            return Err(invalid("the request's body is too long"));
        }
    }
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By its length.
    Length(usize),
    /// By its last chunk.
    Chunked,
}

/// The bytes of an answer's head.
pub(super) fn head_of(answer: &Answer, end: End) -> Vec<u8> {
    let reason = StatusCode::from_u16(answer.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Unnamed");
    let mut out = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    for (name, value) in &answer.headers {
        out.push_str(&format!("{name}: {}\r\n", value.replace(['\r', '\n'], " ")));
    }
    match end {
        _ if has_no_body(answer.status) => {}
        End::Length(bytes) => out.push_str(&format!("content-length: {bytes}\r\n")),
        End::Chunked => out.push_str("transfer-encoding: chunked\r\n"),
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// Whether an answer of this status ends with its head.
pub(super) fn has_no_body(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}
