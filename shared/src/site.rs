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
//! | `/flaky/N` | 503 with `Retry-After: 1` the first N times, then like `/dice` |
//! | `/truncated` | promises 10,966 bytes, sends half of them, closes |
//! | `/reset` | closes the connection without an answer |
//! | `/hang` | never answers; the connection ends after ten minutes |
//! | `/huge` | a body without end |
//! | anything else | 404 and a line that lists these paths |
//!
//! `/flaky/2?a` and `/flaky/2?b` are two pages: every address counts for itself, with its query,
//! whichever connection it is asked for over.

mod connections;
mod flaky;
mod host;
mod log;
mod manner;
mod pages;
mod server;
mod stream;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Incoming;
use tokio::sync::oneshot;

use self::connections::Limits;
pub use self::host::{Answer, Arrival, Client, Host, Witness};
use self::log::Log;
pub(crate) use self::log::summary;
pub use self::log::{Observations, RequestSeen};
use self::manner::Manner;
pub use self::pages::{Cut, Page};
use self::server::Server;
use crate::turnstile::{self, Passing, Turnstile, TurnstileSeen};

/// As many connections as the site keeps open at once. More wait until one is closed; whoever
/// has kept one for a second, idle or without taking the answer, makes place for them.
pub const MAX_CONNECTIONS: usize = 1024;

/// How long it may take to notice that a client is gone.
const SETTLING: Duration = Duration::from_secs(1);

const LIMITS: Limits = Limits {
    connections: MAX_CONNECTIONS,
    request: Duration::from_secs(30),
    answer: Duration::from_secs(60),
    hang: Duration::from_secs(600),
    grace: Duration::from_secs(1),
};

/// A running practice site. It stops when dropped.
pub struct PracticeSite {
    server: RunningSite,
    log: Arc<Log>,
    turnstile: Option<Arc<Turnstile>>,
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
        Self::start_with(Manner::gathering(latency, requests), LIMITS)
    }

    /// Starts a site that is a turnstile for `pages` requests, `at_once` of them at a time.
    ///
    /// It answers nobody until `at_once` requests are in flight, then exactly one, the newest,
    /// and waits until as many are in flight again before it answers the next. At the end,
    /// when fewer pages remain, it waits for those only. A request that fails or whose client
    /// leaves counts as answered. If nothing more comes for some seconds though too few are in
    /// flight, it gives up and answers everybody; [`turnstile`](Self::turnstile) tells of it.
    ///
    /// So a client that keeps `at_once` requests in flight passes at any speed, and the oldest
    /// page holds up its own worker for as long as there are others.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_turnstile(at_once: usize, pages: usize) -> io::Result<Self> {
        Self::start_patient_turnstile(at_once, pages, turnstile::PATIENCE)
    }

    /// Like [`start_turnstile`](Self::start_turnstile), but gives up only when nothing more has
    /// come for as long as its `patience`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_patient_turnstile(
        at_once: usize,
        pages: usize,
        patience: Duration,
    ) -> io::Result<Self> {
        Self::start_passing(at_once, pages, Passing::Newest, patience)
    }

    /// Starts a site that is a barrier for `pages` requests, `at_once` of them at a time.
    ///
    /// It answers nobody until `at_once` requests are in flight, then all of them together, and
    /// waits until as many are in flight again. In all else it is like a
    /// [turnstile](Self::start_turnstile), and [`turnstile`](Self::turnstile) tells of it, too.
    ///
    /// So a client passes that puts another request in the place of each that has ended, also
    /// when several end at the same moment.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_barrier(at_once: usize, pages: usize) -> io::Result<Self> {
        Self::start_passing(at_once, pages, Passing::All, turnstile::PATIENCE)
    }

    fn start_passing(
        at_once: usize,
        pages: usize,
        passing: Passing,
        patience: Duration,
    ) -> io::Result<Self> {
        let turnstile = Arc::new(Turnstile::start(at_once, pages, passing, patience)?);
        let mut site = Self::start_with(Manner::Turnstile(Arc::clone(&turnstile)), LIMITS)?;
        site.turnstile = Some(turnstile);
        Ok(site)
    }

    fn start_with(manner: Manner, limits: Limits) -> io::Result<Self> {
        let log = Arc::new(Log::new());
        let host = Arc::new(OnlyHost(Arc::clone(&log)));
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        Ok(Self {
            server: RunningSite::start_with(address, manner, limits, host)?,
            log,
            turnstile: None,
        })
    }

    /// The address of a page: `site.url("/dice")` is like `http://127.0.0.1:40123/dice`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    /// What the site has seen up to this moment.
    pub fn observations(&self) -> Observations {
        self.log.observations()
    }

    /// What the site has seen when it has noticed, too, that its clients are gone: when nothing
    /// is in flight any more, but after a second at the latest.
    pub fn settled(&self) -> Observations {
        let start = Instant::now();
        while self.log.in_flight() > 0 && start.elapsed() < SETTLING {
            thread::sleep(Duration::from_millis(1));
        }
        self.observations()
    }

    /// What the turnstile or barrier has seen up to this moment; `None` if the site is none.
    pub fn turnstile(&self) -> Option<TurnstileSeen> {
        self.turnstile.as_ref().map(|turnstile| turnstile.seen())
    }
}

/// All that comes is for one site, and in one log.
struct OnlyHost(Arc<Log>);

impl Host for OnlyHost {
    fn connected(&self) -> usize {
        self.0.new_connection()
    }

    fn receive<'a>(&self, request: &'a Request<Incoming>, _: Client) -> Answer<'a> {
        Answer::Practice {
            path: request.uri().path(),
            witness: Arc::clone(&self.0) as Arc<dyn Witness>,
        }
    }
}

/// A site of somebody else's, who is its host, with the practice pages. It stops when dropped.
pub struct RunningSite {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RunningSite {
    /// Starts a site at this address that takes `latency` over every practice page, and keeps at
    /// most so many connections open.
    ///
    /// # Errors
    /// The address is taken or not of this machine, or as for [`PracticeSite::start`].
    pub fn start(
        address: SocketAddr,
        latency: Duration,
        connections: usize,
        host: Arc<dyn Host>,
    ) -> io::Result<Self> {
        let limits = Limits {
            connections,
            ..LIMITS
        };
        Self::start_with(address, Manner::Latency(latency), limits, host)
    }

    fn start_with(
        address: SocketAddr,
        manner: Manner,
        limits: Limits,
        host: Arc<dyn Host>,
    ) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (started, opened) = mpsc::channel();
        let serve = move || {
            let starter = "the starter waits for this";
            match Server::open(address, &limits) {
                Err(error) => started.send(Err(error)).expect(starter),
                Ok((server, address)) => {
                    started.send(Ok(address)).expect(starter);
                    server.serve(manner, limits, host, stopped);
                }
            }
        };
        let thread = thread::Builder::new()
            .name("practice-site".into())
            .spawn(serve)?;
        let address = opened
            .recv()
            .expect("the thread always reports how it started")?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RunningSite {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the site's thread has been printed by then; there is nothing to add.
            let _ = thread.join();
        }
    }
}
