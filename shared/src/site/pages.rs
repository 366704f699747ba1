//! The pages of the practice site: what each path answers.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use super::connections::{Connection, Phase};
use super::flaky::failures;
use super::log::InFlight;

/// The sizes that the tutorial's two pages had, in bytes.
const JYTHON_BYTES: usize = 10_966;
const DICE_BYTES: usize = 276;

/// The answer to a request for `path`, which may be one that `fails` this time; an error closes
/// the connection at once.
pub(super) fn answer(
    path: &str,
    fails: bool,
    mut request: InFlight,
) -> Result<Response<Page>, Cut> {
    let (status, content) = match path {
        _ if fails => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            (status, Content::Whole(format!("{status}\n").into()))
        }
        "/jython" => (StatusCode::OK, Content::Whole(html("Jython", JYTHON_BYTES))),
        "/dice" => (StatusCode::OK, Content::Whole(html("Dice", DICE_BYTES))),
        "/truncated" => (
            StatusCode::OK,
            Content::Half(html("Half of a page", JYTHON_BYTES)),
        ),
        "/reset" => {
            request.note_answered(false);
            return Err(Cut);
        }
        "/huge" => (StatusCode::OK, Content::Endless),
        _ if failures(path).is_some() => (StatusCode::OK, Content::Whole(html("Dice", DICE_BYTES))),
        _ => match requested_status(path) {
            Some(status) => (status, Content::Whole(format!("{status}\n").into())),
            None => (
                StatusCode::NOT_FOUND,
                Content::Whole(Bytes::from_static(PATHS)),
            ),
        },
    };
    let content_type = match path {
        "/jython" | "/dice" | "/truncated" => "text/html; charset=utf-8",
        _ if !fails && failures(path).is_some() => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let bytes = match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => Some(0),
        _ => content.size(),
    };
    request.note_answer(status.as_u16(), bytes);
    if !matches!(content, Content::Endless) {
        let whole = matches!(content, Content::Whole(_));
        request.note_answered(whole && status.is_success());
    }
    let mut response = Response::new(Page {
        content,
        _request: Some(request),
        connection: None,
    });
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if fails {
        let second = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, second);
    }
    Ok(response)
}

const PATHS: &[u8] =
    b"Not here. Try /jython /dice /status/CODE /flaky/N /truncated /reset /hang /huge\n";

fn requested_status(path: &str) -> Option<StatusCode> {
    let code = path.strip_prefix("/status/")?.parse().ok()?;
    StatusCode::from_u16(code)
        .ok()
        .filter(|_| (200..600).contains(&code))
}

/// A page of HTML that has exactly so many `bytes`.
fn html(title: &str, bytes: usize) -> Bytes {
    let head =
        format!("<!doctype html>\n<title>{title}</title>\n<p>A page to practise on.</p>\n<!--");
    let tail = "-->\n";
    let filling = ".".repeat(bytes - head.len() - tail.len());
    format!("{head}{filling}{tail}").into()
}

/// The body of an answer, and with it the note that the request is in flight.
pub struct Page {
    content: Content,
    _request: Option<InFlight>,
    /// For an answer that is no practice page.
    connection: Option<Arc<Connection>>,
}

impl Page {
    /// The body of an answer of the host's own.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::of_the_host(Content::Whole(bytes.into()))
    }

    /// A body that goes on for as long as there is a sender. A client that takes nothing for as
    /// long as it may take over an answer is cut off.
    pub fn stream(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self::of_the_host(Content::Stream(pieces))
    }

    fn of_the_host(content: Content) -> Self {
        Self {
            content,
            _request: None,
            connection: None,
        }
    }

    /// Lets the connection know what it is at.
    pub(super) fn sent_over(&mut self, connection: &Arc<Connection>) {
        connection.enter(Phase::Taking);
        self.connection = Some(Arc::clone(connection));
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.enter(Phase::Asking);
        }
    }
}

enum Content {
    Whole(Bytes),
    /// Half of it will be sent.
    Half(Bytes),
    /// The half is on its way, and must leave before the connection is cut.
    Halved,
    Cut,
    Endless,
    Stream(mpsc::Receiver<Bytes>),
    Sent,
}

impl Content {
    /// How many bytes will be sent, before any are, if there is an end to them.
    fn size(&self) -> Option<usize> {
        match self {
            Self::Whole(bytes) => Some(bytes.len()),
            Self::Half(bytes) => Some(bytes.len() / 2),
            Self::Halved | Self::Cut | Self::Endless | Self::Stream(_) | Self::Sent => None,
        }
    }
}

impl Body for Page {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let data = match std::mem::replace(&mut self.content, Content::Sent) {
            Content::Whole(bytes) => bytes,
            Content::Half(bytes) => {
                self.content = Content::Halved;
                bytes.slice(..bytes.len() / 2)
            }
            Content::Halved => {
                self.content = Content::Cut;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Content::Cut => return Poll::Ready(Some(Err(Cut))),
            Content::Endless => {
                self.content = Content::Endless;
                Bytes::from_static(&[b'.'; 64 * 1024])
            }
            Content::Stream(mut pieces) => {
                let piece = pieces.poll_recv(context);
                if !matches!(piece, Poll::Ready(None)) {
                    self.content = Content::Stream(pieces);
                }
                // Whoever is asked for the next piece has sent the one before.
                if let (Poll::Ready(_), Some(connection)) = (&piece, &self.connection) {
                    connection.enter(Phase::Taking);
                }
                return piece.map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))));
            }
            Content::Sent => return Poll::Ready(None),
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Sent)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) | Content::Half(bytes) => {
                SizeHint::with_exact(bytes.len() as u64)
            }
            Content::Sent => SizeHint::with_exact(0),
            Content::Halved | Content::Cut | Content::Endless | Content::Stream(_) => {
                SizeHint::default()
            }
        }
    }
}

/// The site's own wish to close a connection without a whole answer.
#[derive(Debug)]
pub struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the practice site cut the connection, as it was asked to")
    }
}

impl std::error::Error for Cut {}
