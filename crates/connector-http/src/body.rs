//! A request body that tells when it is taken: what decides whether a call that failed may be made again.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Whether the request may have begun to leave; clones share it.
///
/// A body is asked for only once there is a connection to write it to. As long as nobody asked, no byte of it left,
/// and no service acts on a request whose body it never saw. A request without a body gives no such sign: it counts as
/// begun from the moment it is handed to the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<AtomicBool>);

impl Sent {
    pub(crate) fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// All of the bytes in one frame, marking [`Sent`] as they are taken.
pub(crate) struct Watched {
    data: Option<Bytes>,
    sent: Sent,
}

impl Watched {
    pub(crate) fn new(data: Bytes, sent: Sent) -> Self {
        Self { data: Some(data), sent }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.mark();
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    // Exact, so that the client sends a length instead of chunks: some services refuse chunked bodies.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |d| d.len() as u64))
    }
}
