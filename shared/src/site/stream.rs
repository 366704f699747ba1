//! A connection's bytes, for hyper to read and write, while somebody else watches whether the
//! client is still there.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::sleep;

/// How soon a client is missed that has left bytes unread.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub(super) struct Stream(Arc<Mutex<TcpStream>>);

impl Stream {
    pub fn new(stream: TcpStream) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }

    /// Waits until the client is gone.
    ///
    /// Hyper sees the end only if all bytes before it have been read, but it reads no further
    /// while a request is in flight. The system tells of it all the same.
    pub async fn gone(&self) {
        while let Ok(ready) = poll_fn(|context| self.poll_ready(context)).await {
            if ready.is_read_closed() {
                return;
            }
            // There are bytes that nobody reads, so it would be ready again at once.
            sleep(LOOK_AGAIN).await;
        }
    }

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<tokio::io::Ready>> {
        let stream = self.locked();
        // It is this that wakes the task. `ready` alone would forget that when it is dropped.
        ready!(stream.poll_read_ready(context))?;
        pin!(stream.ready(Interest::READABLE)).poll(context)
    }

    fn locked(&self) -> MutexGuard<'_, TcpStream> {
        self.0.lock().expect("nothing panics while it is held")
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.locked()).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.locked()).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.locked()).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.locked().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.locked()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.locked()).poll_shutdown(context)
    }
}
