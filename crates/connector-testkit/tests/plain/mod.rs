//! The plainest transport that is honest: one connection a request, to the loopback interface and nowhere else.

use std::sync::Arc;

use connector_core::{
    Error, ErrorKind, Request, Response, Result, RetryAdvice, Transport, request::Filled, transport::CallContext,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) struct Plain;

/// As the contract suite wants it; there is one network that this one reaches.
#[allow(dead_code, reason = "not every test is of the suite")]
pub(crate) fn plain(_: &[String]) -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(Plain))
}

#[async_trait::async_trait]
impl Transport for Plain {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let f = request.fill(context.secrets.as_ref()).await?;
        if f.url.host_str() != Some("127.0.0.1") {
            return Err(Error::new(ErrorKind::Refused, "only the loopback interface is reached"));
        }
        let address = format!("127.0.0.1:{}", f.url.port_or_known_default().unwrap());
        let mut stream =
            TcpStream::connect(address).await.map_err(|_| unavailable(RetryAdvice::Safe { after: None }))?;
        match tokio::time::timeout(context.timeout, exchange(&mut stream, &f, context.max_response_bytes)).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(ErrorKind::Timeout, "no complete answer").with_retry(RetryAdvice::Ambiguous)),
        }
    }
}

fn unavailable(retry: RetryAdvice) -> Error {
    Error::new(ErrorKind::UpstreamUnavailable, "the connection broke").with_retry(retry)
}

async fn exchange(stream: &mut TcpStream, f: &Filled, cap: usize) -> Result<Response> {
    let broke = |_| unavailable(RetryAdvice::Ambiguous);
    let target = f.url[url::Position::BeforePath..].to_owned();
    let mut head = format!("{} {target} HTTP/1.1\r\nhost: fake\r\ncontent-length: {}\r\n", f.method, f.body.len());
    for (name, value) in &f.headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await.map_err(broke)?;
    stream.write_all(&f.body).await.map_err(broke)?;
    let mut bytes = Vec::new();
    let (status, headers, start) = loop {
        if let Some(found) = parse(&bytes) {
            break found;
        }
        if stream.read_buf(&mut bytes).await.map_err(broke)? == 0 {
            return Err(unavailable(RetryAdvice::Ambiguous));
        }
    };
    let length = headers.get("content-length").map(|v| v.to_str().unwrap().parse::<usize>().unwrap());
    let chunked = headers.contains_key("transfer-encoding");
    let want = length.unwrap_or(if chunked { usize::MAX } else { 0 });
    // The fake's chunks have no end, so there is nothing in them to be read.
    while bytes.len() - start < want {
        if want > cap && (length.is_some() || bytes.len() - start > cap) {
            return Err(Error::protocol("the answer is too large"));
        }
        if stream.read_buf(&mut bytes).await.map_err(broke)? == 0 {
            return Err(unavailable(RetryAdvice::Ambiguous));
        }
    }
    Ok(Response { status, headers, body: bytes.split_off(start).into() })
}

fn parse(bytes: &[u8]) -> Option<(http::StatusCode, http::HeaderMap, usize)> {
    let mut slots = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut slots);
    let httparse::Status::Complete(end) = response.parse(bytes).unwrap() else { return None };
    let mut headers = http::HeaderMap::new();
    for h in response.headers.iter() {
        headers.append(http::HeaderName::from_bytes(h.name.as_bytes()).unwrap(), h.value.try_into().unwrap());
    }
    Some((response.code.unwrap().try_into().unwrap(), headers, end))
}
