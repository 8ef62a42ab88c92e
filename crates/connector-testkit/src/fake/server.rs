//! The fake's sockets: connections are accepted, requests handed to the service, answers delivered well or badly.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::BytesMut;
use http::Method;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    runtime::Handle,
    task::{AbortHandle, JoinSet},
};
use url::Url;

use super::{
    ORIGIN,
    answer::Answer,
    mood::Delivery,
    route::Asked,
    service::Service,
    wire::{End, Head, has_no_body, head_of},
};

/// A socket that listens, and nobody serves yet.
pub(super) struct Door {
    listener: std::net::TcpListener,
    pub(super) address: SocketAddr,
}

/// A server that runs until it is dropped.
pub(super) struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        // Its connections are tasks of it, and end with it.
        self.0.abort();
    }
}

impl Door {
    /// A free port of the loopback interface.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn open() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Serves what comes in.
    ///
    /// # Errors
    /// When there can be no thread to do so.
    pub(super) fn serve(self, service: Arc<Service>) -> io::Result<Running> {
        let handle = runtime()?;
        let _inside = handle.enter();
        let listener = TcpListener::from_std(self.listener)?;
        Ok(Running(handle.spawn(accept(listener, service)).abort_handle()))
    }
}

/// All fakes of a process are served by one thread of their own: whoever calls one may block, and may bring no runtime.
fn runtime() -> io::Result<&'static Handle> {
    static HANDLE: OnceLock<Result<Handle, String>> = OnceLock::new();
    let made = HANDLE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let handle = runtime.handle().clone();
        let thread = std::thread::Builder::new().name("fake-services".into());
        thread.spawn(move || runtime.block_on(std::future::pending::<()>())).map_err(|e| e.to_string())?;
        Ok(handle)
    });
    made.as_ref().map_err(|e| io::Error::other(format!("the fake services have no thread: {e}")))
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, service.clone()));
            }
            // Out of sockets, most likely: some are about to close.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection to its end. What breaks on it is the client's to notice.
async fn converse(mut stream: TcpStream, service: Arc<Service>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = BytesMut::new();
    loop {
        match exchange(&mut stream, &mut buffer, &service).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(e) => {
                if e.kind() == io::ErrorKind::InvalidData {
                    let answer = Answer::plain(400, &e.to_string());
                    let _ = stream.write_all(&head_of(&answer, End::Length(answer.body.len()))).await;
                    let _ = stream.write_all(&answer.body).await;
                }
                return;
            }
        }
    }
}

/// One request and its answer; whether the connection goes on.
async fn exchange(stream: &mut TcpStream, buffer: &mut BytesMut, service: &Service) -> io::Result<bool> {
    let Some(head) = Head::read(stream, buffer).await? else { return Ok(false) };
    let (path, query) = head.split();
    if service.cuts_off(head.method.as_str(), path, query) {
        stream.set_zero_linger()?;
        return Ok(false);
    }
    let body = head.body(stream, buffer).await?;
    let keeps = head.keeps();
    let no_body = head.method == Method::HEAD;
    let url = Url::parse(&format!("{ORIGIN}{}", head.target))
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e.to_string()))?;
    let asked = Asked { method: head.method, url, headers: head.headers, body };
    let (answer, how) = service.take(asked);
    Ok(deliver(stream, &answer, how, no_body).await? && keeps)
}

/// How many blanks are sent at once where there is no end of them.
const CHUNK: usize = 8 << 10;

/// Sends an answer; whether the connection goes on.
async fn deliver(stream: &mut TcpStream, answer: &Answer, how: Delivery, no_body: bool) -> io::Result<bool> {
    let body = if no_body || has_no_body(answer.status) { &[] } else { answer.body.as_slice() };
    let head = head_of(answer, if how == Delivery::Endless { End::Chunked } else { End::Length(answer.body.len()) });
    match how {
        Delivery::After(pause) => {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            stream.write_all(&[head.as_slice(), body].concat()).await?;
            return Ok(true);
        }
        Delivery::ThenClose => stream.write_all(&[head.as_slice(), body].concat()).await?,
        Delivery::Never => std::future::pending::<()>().await,
        // Dropped with it set, the socket sends RST in place of FIN.
        Delivery::Reset => stream.set_zero_linger()?,
        Delivery::CutOff => {
            let half = body.get(..body.len() / 2).unwrap_or_default();
            stream.write_all(&[head.as_slice(), half].concat()).await?;
        }
        Delivery::Endless => {
            stream.write_all(&head).await?;
            let blanks = [b' '; CHUNK];
            let mut next = if body.is_empty() { blanks.as_slice() } else { body };
            loop {
                stream.write_all(format!("{:x}\r\n", next.len()).as_bytes()).await?;
                stream.write_all(next).await?;
                stream.write_all(b"\r\n").await?;
                next = &blanks;
            }
        }
        Delivery::DripHead(pause) => {
            drip(stream, &head, pause).await?;
            stream.write_all(body).await?;
        }
        Delivery::DripBody(pause) => {
            stream.write_all(&head).await?;
            drip(stream, body, pause).await?;
        }
    }
    Ok(false)
}

async fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}
