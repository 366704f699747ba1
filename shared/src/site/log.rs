//! What the practice site notes of its visitors.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::connections::{Connection, Phase};
use super::host::{Arrival, Witness};
use crate::output::counted;
use crate::turnstile::Ticket;

/// What a practice site has seen.
#[derive(Clone, Debug, Default)]
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
            .filter(|request| !request.left)
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
        f.write_str(&summary(self.most_in_flight, self.connections))?;
        match self.requests.iter().filter(|request| request.left).count() {
            0 => Ok(()),
            1 => f.write_str("; 1 request was abandoned"),
            left => write!(f, "; {left} requests were abandoned"),
        }
    }
}

/// What was seen, in a sentence.
pub(crate) fn summary(most_in_flight: usize, connections: usize) -> String {
    let most = counted(most_in_flight, "request");
    let connections = counted(connections, "connection");
    format!("The site saw at most {most} at once, over {connections}")
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
    /// The status of the answer; `None` while there is none, and for a client that gets none.
    pub status: Option<u16>,
    /// The size of the body that the answer has, in bytes; `None` without an answer, and for a
    /// body without end.
    pub bytes: Option<usize>,
    /// Whether the answer was a page, a status from 200 to 299 with the whole body, as far as
    /// the site can tell: a client may have left in the middle of it.
    pub good: bool,
    /// Whether it ended before it was answered: its client left, or was cut off because it kept
    /// the site waiting. So end all requests for `/hang`, and for `/huge`.
    pub left: bool,
}

pub(super) struct Log {
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
    pub(super) fn new() -> Self {
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

    pub(super) fn new_connection(&self) -> usize {
        let mut notes = self.notes();
        notes.connections += 1;
        notes.connections - 1
    }

    pub(super) fn in_flight(&self) -> usize {
        self.notes().in_flight
    }

    pub(super) fn observations(&self) -> Observations {
        let notes = self.notes();
        Observations {
            most_in_flight: notes.most_in_flight,
            connections: notes.connections,
            requests: Arc::clone(&notes.requests),
        }
    }
}

impl Witness for Log {
    /// Notes a request, and with it how many are in flight.
    fn came(&self, path: &str, connection: usize) -> Arrival {
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
            status: None,
            bytes: None,
            good: false,
            left: false,
        });
        Arrival {
            request: notes.requests.len() - 1,
            at_once: notes.in_flight,
        }
    }

    fn answers(&self, request: usize, status: u16, bytes: Option<usize>) {
        let mut notes = self.notes();
        let request = &mut notes.requests()[request];
        (request.status, request.bytes) = (Some(status), bytes);
    }

    fn answered(&self, request: usize, good: bool) {
        self.notes().requests()[request].good = good;
    }

    fn ended(&self, request: usize, left: bool) {
        let mut notes = self.notes();
        notes.in_flight -= 1;
        let end = self.start.elapsed();
        let request = &mut notes.requests()[request];
        request.end = Some(end);
        request.left = left;
    }
}

/// A request in flight. It is held by whatever answers it, to the last byte, and ends with it.
pub(super) struct InFlight {
    witness: Arc<dyn Witness>,
    arrival: Arrival,
    connection: Arc<Connection>,
    ticket: Option<Ticket>,
    answered: bool,
}

impl InFlight {
    /// Tells the witness that a request has come over a connection, which has a number.
    pub(super) fn begin(
        witness: Arc<dyn Witness>,
        path: &str,
        number: usize,
        connection: &Arc<Connection>,
    ) -> Self {
        Self {
            arrival: witness.came(path, number),
            witness,
            connection: Arc::clone(connection),
            ticket: None,
            answered: false,
        }
    }

    /// How many were in flight when it came, itself included.
    pub(super) fn at_once(&self) -> usize {
        self.arrival.at_once
    }

    /// Keeps the ticket of a turnstile for as long as the request is in flight.
    pub(super) fn keep(&mut self, ticket: Ticket) {
        self.ticket = Some(ticket);
    }

    /// Notes the answer that it gets.
    pub(super) fn note_answer(&mut self, status: u16, bytes: Option<usize>) {
        self.witness.answers(self.arrival.request, status, bytes);
    }

    /// Notes that it gets all that it is to get, and whether that is a page.
    pub(super) fn note_answered(&mut self, good: bool) {
        self.answered = true;
        self.witness.answered(self.arrival.request, good);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.witness.ended(self.arrival.request, !self.answered);
        self.connection.enter(Phase::Asking);
    }
}
