//! What a board saw of a program: a practice site that a whole room looks at.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use shared::site::{Observations, RequestSeen};
use shared::{Error, Result};

/// A board keeps so many requests of a name, and no more.
pub const KEPT: usize = 1_000;

/// How long a board may take to answer, and to notice that a program has ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// A board has at most 200 names, with a thousand requests of some 30 bytes each.
const LARGEST_STATE: u64 = 16 << 20;

/// What a board tells a viewer first.
#[derive(Deserialize)]
struct State {
    names: Vec<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    name: String,
    in_flight: usize,
    most_in_flight: usize,
    connections: usize,
    /// The number of a request, its connection, its start and end in milliseconds, and what came
    /// of it: 1 is a page, 3 a client that left.
    bars: Vec<(usize, usize, u64, u64, u8)>,
}

/// Asks a board what it saw of the last run under a name, when that is over: nothing, of one that
/// has never come.
///
/// # Errors
/// Nobody answers, or it is no board.
pub fn observations(board: &str, name: &str) -> Result<Observations> {
    let start = Instant::now();
    loop {
        let names = look(board)?.names;
        match names.into_iter().find(|seen| seen.name == name) {
            Some(seen) if seen.in_flight > 0 && start.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            seen => return Ok(seen.map(Observations::from).unwrap_or_default()),
        }
    }
}

/// Checks that there is a board.
///
/// # Errors
/// Nobody answers, or it is no board.
pub fn find(board: &str) -> Result<()> {
    look(board).map(drop)
}

fn look(board: &str) -> Result<State> {
    state(board).map_err(|error| error.while_doing(&format!("cannot look at the board {board}")))
}

/// The whole state, as every viewer gets it first.
fn state(board: &str) -> Result<State> {
    let host = board.strip_prefix("http://").unwrap_or(board);
    let mut stream = connect(host).map_err(in_words)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /events HTTP/1.0\r\nhost: {host}\r\n\r\n")?;
    let no_board = || Error::new("that is no board");
    for line in BufReader::new(stream.take(LARGEST_STATE)).lines() {
        if let Some(state) = line.map_err(in_words)?.strip_prefix("data: ") {
            return serde_json::from_str(state).map_err(|_| no_board());
        }
    }
    Err(no_board())
}

/// The system itself might try for minutes where a firewall lets nothing through.
fn connect(host: &str) -> io::Result<TcpStream> {
    let mut failed = ErrorKind::NotFound.into();
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The system's words for a silence say nothing of a board.
fn in_words(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            Error::new(format!("no answer within {} s", PATIENCE.as_secs()))
        }
        ErrorKind::InvalidData => Error::new("that is no board"),
        _ => error.into(),
    }
}

impl From<Seen> for Observations {
    fn from(mut seen: Seen) -> Self {
        // Those that have ended come first.
        seen.bars.sort_unstable();
        let page: Arc<str> = "a page".into();
        let request = |(_, connection, start, end, outcome)| RequestSeen {
            path: Arc::clone(&page),
            connection,
            start: Duration::from_millis(start),
            end: (outcome > 0).then(|| Duration::from_millis(end)),
            // A board tells neither.
            status: None,
            bytes: None,
            good: outcome == 1,
            left: outcome == 3,
        };
        Self {
            most_in_flight: seen.most_in_flight,
            connections: seen.connections,
            requests: Arc::new(seen.bars.into_iter().map(request).collect()),
        }
    }
}
