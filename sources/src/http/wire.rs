//! Connections as we make them: nobody is waited for in silence, and nobody sends without end.

use std::fmt;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A connection to somebody, in plain or in TLS.
pub(super) type Wire = Box<dyn Stream>;

/// What a connection can do.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Octets that one answer may have on the wire: enough for a page in chunks of a few octets, and an end for heads
/// that never end.
const MAX_OCTETS: u64 = 8 << 20;

/// Why a connection was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// Nothing came for too long.
    Silence,
    /// Too much came.
    Flood,
}

impl GivenUp {
    /// The reason inside an I/O error, if it is one.
    pub(super) fn of(error: &io::Error) -> Option<GivenUp> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GivenUp::Silence => "nothing came for too long",
            GivenUp::Flood => "more came than any answer has",
        })
    }
}

impl std::error::Error for GivenUp {}

/// A connection that is given up after too long a silence or too many octets.
pub(super) fn watched(stream: impl Stream + 'static, silence: Duration) -> Wire {
    Box::new(Watched { stream, silence, alarm: Box::pin(sleep(silence)), left: MAX_OCTETS })
}

struct Watched<S> {
    stream: S,
    silence: Duration,
    alarm: Pin<Box<Sleep>>,
    left: u64,
}

impl<S: Stream> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
            let count = (buffer.filled().len() - before) as u64;
            this.alarm.as_mut().reset(Instant::now() + this.silence);
            return Poll::Ready(match this.left.checked_sub(count) {
                Some(left) => {
                    this.left = left;
                    result
                }
                None => Err(io::Error::other(GivenUp::Flood)),
            });
        }
        ready!(this.alarm.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, GivenUp::Silence)))
    }
}

impl<S: Stream> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A connection as a request and its answer see it.
///
/// The other end is not heard before it was spoken to: whether what it says too early is taken for the answer would
/// depend on who is faster. And it may hang up in TLS without saying so, as many do: whether the answer was complete
/// is seen by its length or its chunks.
pub(super) struct Dialogue {
    wire: Wire,
    /// Whoever listens, until something was said.
    listener: Option<Waker>,
    has_spoken: bool,
}

impl Dialogue {
    pub(super) fn new(wire: Wire) -> Dialogue {
        Dialogue { wire, listener: None, has_spoken: false }
    }
}

impl AsyncRead for Dialogue {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.has_spoken {
            self.listener = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(match ready!(Pin::new(&mut self.wire).poll_read(cx, buffer)) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
            result => result,
        })
    }
}

impl AsyncWrite for Dialogue {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.wire).poll_write(cx, bytes));
        self.has_spoken = true;
        if let Some(listener) = self.listener.take() {
            listener.wake();
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
