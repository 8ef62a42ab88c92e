//! A body that is read part by part while it is sent.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;

/// So many bytes are read at once.
const PART: u64 = 1 << 20;

/// What a task reads ahead, two parts at most. It ends when nobody fetches them any more.
pub(super) struct Parts {
    parts: mpsc::Receiver<Result<Bytes, std::io::Error>>,
    left: u64,
}

impl Parts {
    /// Sends what `read` gives for (offset, length), from `first` to before `end`.
    pub(super) fn start<E, F>(first: u64, end: u64, read: impl Fn(u64, usize) -> F + Send + 'static) -> Self
    where
        E: Send,
        F: Future<Output = Result<Bytes, E>> + Send,
    {
        let (send, parts) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut at = first;
            while at < end {
                let length = usize::try_from(PART.min(end - at)).unwrap_or_default();
                let part = match read(at, length).await {
                    Ok(part) if part.len() == length => Ok(part),
                    // The head is sent already: a body that ends too early is how the client is told.
                    _ => Err(std::io::Error::other("what is sent can no longer be read")),
                };
                let broken = part.is_err();
                if send.send(part).await.is_err() || broken {
                    return;
                }
                at += length as u64;
            }
        });
        Self { parts, left: end - first }
    }
}

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.parts.poll_recv(cx).map(|part| {
            part.map(|part| {
                part.map(|bytes| {
                    self.left = self.left.saturating_sub(bytes.len() as u64);
                    Frame::data(bytes)
                })
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
