//! Requests over a socket, without a client library.

use connector_core::{Error, ErrorKind, Request, Response, Result, RetryAdvice, Transport, transport::CallContext};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) struct Wire;

#[async_trait::async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let filled = request.fill(context.secrets.as_ref()).await?;
        let exchange = async {
            let host = filled.url.host_str().unwrap().to_owned();
            let mut stream = TcpStream::connect((host.as_str(), filled.url.port_or_known_default().unwrap())).await?;
            let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n", filled.method, filled.url.path());
            for (name, value) in &filled.headers {
                head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
            }
            head.push_str(&format!("content-length: {}\r\n\r\n", filled.body.len()));
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&filled.body).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        let failed = |e: String| Error::new(ErrorKind::UpstreamUnavailable, e).with_retry(RetryAdvice::Ambiguous);
        let answer = tokio::time::timeout(context.timeout, exchange).await.map_err(|e| failed(e.to_string()))?;
        let answer = String::from_utf8(answer.map_err(|e| failed(e.to_string()))?).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| failed("no answer".into()))?;
        let mut headers = HeaderMap::new();
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").unwrap();
            headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let status = StatusCode::from_bytes(head[9..12].as_bytes()).unwrap();
        Ok(Response { status, headers, body: body.to_owned().into() })
    }
}
