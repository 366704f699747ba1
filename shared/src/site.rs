//! The practice site: a small web server on 127.0.0.1 that a program carries with it.
//!
//! It needs no network, harms nobody's server, misbehaves on request, and notes what it
//! sees: how many requests were in flight at once and how many connections were opened.
//!
//! | path | answer |
//! |---|---|
//! | `/jython` | 200, 10,966 bytes of HTML |
//! | `/dice` | 200, 276 bytes of HTML |
//! | `/status/CODE` | that status, 200 to 599 |
//! | `/truncated` | promises 10,966 bytes, sends half of them, closes |
//! | `/reset` | closes the connection without an answer |
//! | `/hang` | never answers |
//! | `/huge` | a body without end |
//! | anything else | 404 and a line that lists these paths |

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fmt, io};

use crate::output::counted;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

/// As many connections as the site keeps open at once; more wait until one is closed.
pub const MAX_CONNECTIONS: usize = 1024;

/// How long a client may take to send the head of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a stopping site lets answers that are under way finish.
const STOP_TIMEOUT: Duration = Duration::from_millis(250);

/// How long a gathering site waits for its requests to come together.
const GATHER_TIMEOUT: Duration = Duration::from_secs(10);

/// The sizes that the tutorial's two pages had, in bytes.
const JYTHON_BYTES: usize = 10_966;
const DICE_BYTES: usize = 276;

/// A running practice site. It stops when dropped.
pub struct PracticeSite {
    address: SocketAddr,
    log: Arc<Log>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PracticeSite {
    /// Starts a site on a free port of 127.0.0.1 that takes `latency` over every page.
    ///
    /// # Errors
    /// The system gives no port, thread or event queue, mostly for want of file descriptors.
    pub fn start(latency: Duration) -> io::Result<Self> {
        Self::start_gathering(latency, 0)
    }

    /// Like [`start`](Self::start), but answers nobody before `requests` requests have been
    /// in flight together (or ten seconds have passed in vain).
    ///
    /// A client that can keep so many in flight is sure to be seen doing it, however slow
    /// the machine: so a test of concurrency needs no luck.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_gathering(latency: Duration, requests: usize) -> io::Result<Self> {
        let log = Arc::new(Log::new());
        let (stop, stopped) = oneshot::channel();
        let (started, address) = mpsc::channel();
        let manner = Manner {
            latency,
            requests,
            gathered: watch::Sender::new(requests == 0),
        };
        let thread = thread::Builder::new().name("practice-site".into()).spawn({
            let log = Arc::clone(&log);
            move || match open() {
                Err(error) => started
                    .send(Err(error))
                    .expect("the starter waits for this"),
                Ok((runtime, listener, address)) => {
                    started
                        .send(Ok(address))
                        .expect("the starter waits for this");
                    runtime.block_on(serve(listener, manner, log, stopped));
                }
            }
        })?;
        let address = address
            .recv()
            .expect("the thread always reports how it started")?;
        Ok(Self {
            address,
            log,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address of a page: `site.url("/dice")` is like `http://127.0.0.1:40123/dice`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What the site has seen up to this moment.
    pub fn observations(&self) -> Observations {
        let notes = self.log.notes();
        Observations {
            most_in_flight: notes.most_in_flight,
            connections: notes.connections,
            requests: Arc::clone(&notes.requests),
        }
    }
}

impl Drop for PracticeSite {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the site's thread has been printed by then; there is nothing to add.
            let _ = thread.join();
        }
    }
}

/// What a practice site has seen.
#[derive(Clone, Debug)]
pub struct Observations {
    /// The most requests in flight at once: asked for and not yet answered in full.
    pub most_in_flight: usize,
    /// How many connections were opened.
    pub connections: usize,
    /// Every request, in the order in which they came.
    pub requests: Arc<Vec<RequestSeen>>,
}

impl Observations {
    /// How long the site took over an answer, on average; zero if it gave none.
    ///
    /// The measure for ideal times: a sleep is always a little longer than asked for.
    pub fn mean_latency(&self) -> Duration {
        let lengths: Vec<Duration> = self
            .requests
            .iter()
            .filter_map(|request| Some(request.end? - request.start))
            .collect();
        lengths
            .iter()
            .sum::<Duration>()
            .checked_div(lengths.len() as u32)
            .unwrap_or_default()
    }
}

impl fmt::Display for Observations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = counted(self.most_in_flight, "request");
        let connections = counted(self.connections, "connection");
        write!(f, "The site saw at most {most} at once, over {connections}")
    }
}

/// What a practice site saw of one request.
#[derive(Clone, Debug)]
pub struct RequestSeen {
    /// The path asked for, like `/dice`.
    pub path: Arc<str>,
    /// Which connection it came over; the first is 0.
    pub connection: usize,
    /// When it came, counted from the start of the site.
    pub start: Duration,
    /// When its answer was complete or its client gone; `None` while in flight.
    pub end: Option<Duration>,
    /// Whether the answer was a page, a status from 200 to 299 with the whole body, as far as
    /// the site can tell: a client may have left in the middle of it.
    pub good: bool,
}

/// How a site treats its clients.
struct Manner {
    latency: Duration,
    /// How many requests must be in flight together before the first is answered.
    requests: usize,
    /// Whether they have been.
    gathered: watch::Sender<bool>,
}

impl Manner {
    async fn keep_waiting(&self, in_flight: usize) {
        if in_flight >= self.requests {
            self.gathered.send_replace(true);
        }
        let mut gathered = self.gathered.subscribe();
        if timeout(GATHER_TIMEOUT, gathered.wait_for(|gathered| *gathered))
            .await
            .is_err()
        {
            self.gathered.send_replace(true);
        }
        // Even a sleep of no length would cost a millisecond.
        if !self.latency.is_zero() {
            sleep(self.latency).await;
        }
    }
}

struct Log {
    start: Instant,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    connections: usize,
    in_flight: usize,
    most_in_flight: usize,
    /// Shared with the observations: a last look, when nothing more comes, copies nothing.
    requests: Arc<Vec<RequestSeen>>,
    /// Every path once, however often it is asked for.
    paths: HashSet<Arc<str>>,
}

impl Notes {
    fn path(&mut self, path: &str) -> Arc<str> {
        if let Some(known) = self.paths.get(path) {
            return Arc::clone(known);
        }
        let new = Arc::<str>::from(path);
        self.paths.insert(Arc::clone(&new));
        new
    }

    fn requests(&mut self) -> &mut Vec<RequestSeen> {
        Arc::make_mut(&mut self.requests)
    }
}

impl Log {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            notes: Mutex::default(),
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes
            .lock()
            .expect("nothing panics while it takes notes")
    }

    fn new_connection(&self) -> usize {
        let mut notes = self.notes();
        notes.connections += 1;
        notes.connections - 1
    }

    /// Notes a request, and with it how many are in flight.
    fn new_request(self: &Arc<Self>, path: &str, connection: usize) -> (InFlight, usize) {
        let mut notes = self.notes();
        notes.in_flight += 1;
        notes.most_in_flight = notes.most_in_flight.max(notes.in_flight);
        let start = self.start.elapsed();
        let path = notes.path(path);
        notes.requests().push(RequestSeen {
            path,
            connection,
            start,
            end: None,
            good: false,
        });
        let request = notes.requests.len() - 1;
        (
            InFlight {
                log: Arc::clone(self),
                request,
            },
            notes.in_flight,
        )
    }
}

/// A request in flight. It is held by whatever answers it, to the last byte, and ends with it.
struct InFlight {
    log: Arc<Log>,
    request: usize,
}

impl InFlight {
    fn note_good(&self) {
        self.log.notes().requests()[self.request].good = true;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut notes = self.log.notes();
        notes.in_flight -= 1;
        notes.requests()[self.request].end = Some(self.log.start.elapsed());
    }
}

/// Opens everything that can fail, so that the starter hears of it.
fn open() -> io::Result<(tokio::runtime::Runtime, TcpListener, SocketAddr)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    Ok((runtime, listener, address))
}

/// Serves until `stopped`, then lets the answers under way finish for a moment.
async fn serve(
    listener: TcpListener,
    manner: Manner,
    log: Arc<Log>,
    stopped: oneshot::Receiver<()>,
) {
    let graceful = Arc::new(GracefulShutdown::new());
    let accepting = tokio::spawn(accept(
        listener,
        Arc::new(manner),
        log,
        Arc::clone(&graceful),
    ));
    // The sender never sends: it is dropped together with the site.
    let _ = stopped.await;
    accepting.abort();
    let _ = accepting.await;
    if let Some(graceful) = Arc::into_inner(graceful) {
        // What has not finished by then is cut off with the runtime.
        let _ = timeout(STOP_TIMEOUT, graceful.shutdown()).await;
    }
}

async fn accept(
    listener: TcpListener,
    manner: Arc<Manner>,
    log: Arc<Log>,
    graceful: Arc<GracefulShutdown>,
) -> Infallible {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("nobody closes it");
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, mostly: wait until a client has closed one.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (manner, log) = (Arc::clone(&manner), Arc::clone(&log));
        let connection = log.new_connection();
        let service = service_fn(move |request: Request<Incoming>| {
            let (manner, log) = (Arc::clone(&manner), Arc::clone(&log));
            async move { answer(request.uri().path(), connection, &manner, &log).await }
        });
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let serving = graceful.watch(serving);
        tokio::spawn(async move {
            // An error here is a client that left early, or one that the site itself cut off.
            let _ = serving.await;
            drop(place);
        });
    }
}

/// Answers one request; an error closes the connection at once.
async fn answer(
    path: &str,
    connection: usize,
    manner: &Manner,
    log: &Arc<Log>,
) -> Result<Response<Page>, Cut> {
    let (request, in_flight) = log.new_request(path, connection);
    manner.keep_waiting(in_flight).await;

    let (status, content) = match path {
        "/jython" => (StatusCode::OK, Content::Whole(html("Jython", JYTHON_BYTES))),
        "/dice" => (StatusCode::OK, Content::Whole(html("Dice", DICE_BYTES))),
        "/truncated" => (
            StatusCode::OK,
            Content::Half(html("Half of a page", JYTHON_BYTES)),
        ),
        "/reset" => return Err(Cut),
        "/hang" => pending().await,
        "/huge" => (StatusCode::OK, Content::Endless),
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
        _ => "text/plain; charset=utf-8",
    };
    if status.is_success() && matches!(content, Content::Whole(_)) {
        request.note_good();
    }
    let mut response = Response::new(Page {
        content,
        _request: request,
    });
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

const PATHS: &[u8] = b"Not here. Try /jython /dice /status/CODE /truncated /reset /hang /huge\n";

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
struct Page {
    content: Content,
    _request: InFlight,
}

enum Content {
    Whole(Bytes),
    /// Half of it will be sent.
    Half(Bytes),
    /// The half is on its way, and must leave before the connection is cut.
    Halved,
    Cut,
    Endless,
    Sent,
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
            Content::Halved | Content::Cut | Content::Endless => SizeHint::default(),
        }
    }
}

/// The site's own wish to close a connection without a whole answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the practice site cut the connection, as it was asked to")
    }
}

impl std::error::Error for Cut {}
