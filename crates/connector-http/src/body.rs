//! A request body that tells when it is taken, and how long nothing has moved: what decides whether a call that failed may
//! be made again, and when one is given up.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How much is handed to the client at once: small enough to see a large body move.
const FRAME: usize = 64 << 10;

/// What is known of a call under way; clones share it.
///
/// **Whether the request may have begun to leave.** A body is asked for only once there is a connection to write it to. As
/// long as nobody asked, no byte of it left, and no service acts on a request whose body it never saw. A request without a
/// body gives no such sign: it counts as begun from the moment it is handed to the client.
///
/// **How long nothing moved**, in either direction.
#[derive(Debug, Clone)]
pub(crate) struct Sent(Arc<State>);

#[derive(Debug)]
struct State {
    sent: AtomicBool,
    since: Instant,
    /// Milliseconds from `since` to the last byte that moved; 0 before the call begins to connect.
    moved: AtomicU64,
}

impl Default for Sent {
    fn default() -> Self {
        Self(Arc::new(State { sent: AtomicBool::new(false), since: Instant::now(), moved: AtomicU64::new(0) }))
    }
}

impl Sent {
    pub(crate) fn mark(&self) {
        self.0.sent.store(true, Ordering::Release);
        self.moved();
    }

    pub(crate) fn get(&self) -> bool {
        self.0.sent.load(Ordering::Acquire)
    }

    /// Bytes moved just now, or the call begins to connect.
    pub(crate) fn moved(&self) {
        let now = u64::try_from(self.0.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.moved.store(now.max(1), Ordering::Release);
    }

    /// How long nothing has moved; zero while the call has not begun to connect.
    pub(crate) fn still(&self) -> Duration {
        match self.0.moved.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            at => self.0.since.elapsed().saturating_sub(Duration::from_millis(at)),
        }
    }
}

/// All of the bytes in frames, marking [`Sent`] as they are taken.
pub(crate) struct Watched {
    data: Bytes,
    sent: Sent,
}

impl Watched {
    pub(crate) fn new(data: Bytes, sent: Sent) -> Self {
        Self { data, sent }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.mark();
        if self.data.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.data.len().min(FRAME);
        Poll::Ready(Some(Ok(Frame::data(self.data.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty()
    }

    // Exact, so that the client sends a length instead of chunks: some services refuse chunked bodies.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.len() as u64)
    }
}
