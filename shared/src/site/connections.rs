//! The connections that are open, and how long a client may keep each of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How many connections there may be, and how long one may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// As many are open at once.
    pub connections: usize,
    /// For the head of a request, from the opening of the connection or the answer before it.
    pub request: Duration,
    /// For a client to take its answer.
    pub answer: Duration,
    /// For `/hang`: longer than anybody waits for a page, and still not for ever.
    pub hang: Duration,
    /// Where there are too many, whoever has had a connection for longer than this since its
    /// last request or answer makes place. Also how often the other limits are looked after.
    pub grace: Duration,
}

/// What a connection is at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is the client's turn to ask.
    Asking,
    /// It is the site's turn, and the client is not to blame for how long that takes.
    Waiting,
    /// It is for `/hang`.
    Hanging,
    /// It is the client's turn to take the answer.
    Taking,
}

impl Limits {
    fn of(&self, phase: Phase) -> Option<Duration> {
        match phase {
            Phase::Asking => Some(self.request),
            Phase::Waiting => None,
            Phase::Hanging => Some(self.hang),
            Phase::Taking => Some(self.answer),
        }
    }
}

/// One connection that is open. It is to end when it is `cut`.
pub(super) struct Connection {
    phase: Mutex<(Phase, Instant)>,
    pub cut: Notify,
}

impl Connection {
    pub fn enter(&self, phase: Phase) {
        *self.phase() = (phase, Instant::now());
    }

    fn phase(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.phase.lock().expect("nothing panics while it is held")
    }
}

/// All connections that are open.
pub(super) struct Connections {
    limits: Limits,
    open: Mutex<HashMap<usize, Arc<Connection>>>,
    closed: Notify,
}

impl Connections {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: Mutex::default(),
            closed: Notify::new(),
        }
    }

    /// Opens one as soon as there is a place for it.
    pub async fn open(self: &Arc<Self>, number: usize) -> Place {
        while self.all().len() >= self.limits.connections {
            self.cut_longest();
            // Either a place becomes free, or somebody has stayed too long by then.
            let _ = timeout(self.limits.grace, self.closed.notified()).await;
        }
        let connection = Arc::new(Connection {
            phase: Mutex::new((Phase::Asking, Instant::now())),
            cut: Notify::new(),
        });
        self.all().insert(number, Arc::clone(&connection));
        Place {
            number,
            connection,
            connections: Arc::clone(self),
        }
    }

    /// Cuts the connection whose client has kept it for longest, unless that is no time at all.
    pub fn cut_longest(&self) {
        let all = self.all();
        let phases = all
            .values()
            .map(|connection| (*connection.phase(), connection));
        let longest = phases
            .filter(|((phase, since), _)| {
                self.limits.of(*phase).is_some() && since.elapsed() >= self.limits.grace
            })
            .min_by_key(|((_, since), _)| *since);
        if let Some((_, connection)) = longest {
            connection.cut.notify_one();
        }
    }

    /// Cuts whatever has come to its limit, again and again.
    pub async fn look_after(&self) {
        loop {
            sleep(self.limits.grace).await;
            for connection in self.all().values() {
                let (phase, since) = *connection.phase();
                let limit = self.limits.of(phase);
                if limit.is_some_and(|limit| since.elapsed() >= limit) {
                    connection.cut.notify_one();
                }
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<usize, Arc<Connection>>> {
        self.open.lock().expect("nothing panics while it is held")
    }
}

/// The place that a connection takes up while this is held.
pub(super) struct Place {
    number: usize,
    pub connection: Arc<Connection>,
    connections: Arc<Connections>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.all().remove(&self.number);
        self.connections.closed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;
    use crate::site::manner::Manner;
    use crate::site::{LIMITS, PracticeSite, RequestSeen};

    const SHORT: Duration = Duration::from_millis(100);

    fn start(latency: Duration, limits: Limits) -> PracticeSite {
        PracticeSite::start_with(Manner::gathering(latency, 0), limits).unwrap()
    }

    fn send(site: &PracticeSite, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&site.url("")["http://".len()..]).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        let minute = Some(Duration::from_secs(60));
        stream.set_read_timeout(minute).unwrap();
        stream
    }

    /// Whether the site closes it, in peace or with a reset, in less than a minute.
    fn ends(mut client: TcpStream) -> bool {
        use std::io::ErrorKind::{TimedOut, WouldBlock};
        let end = client.read_to_end(&mut Vec::new());
        !end.is_err_and(|error| [TimedOut, WouldBlock].contains(&error.kind()))
    }

    const DICE: &str = "GET /dice HTTP/1.1\r\nhost: x\r\n\r\n";
    const HANG: &str = "GET /hang HTTP/1.1\r\nhost: x\r\n\r\n";
    const HUGE: &str = "GET /huge HTTP/1.1\r\nhost: x\r\n\r\n";

    #[test]
    fn whoever_does_not_ask_is_cut() {
        let limits = Limits {
            request: SHORT,
            grace: SHORT / 10,
            ..LIMITS
        };
        let site = start(Duration::ZERO, limits);
        let half_a_body = "POST /dice HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nhalf";
        for half in [
            "",
            "G",
            "GET /dice HTTP/1.1\r\nhost: x\r\n",
            DICE,
            half_a_body,
        ] {
            assert!(ends(send(&site, half)), "{half}");
        }
        // A byte now and then is no request, either.
        let slow = send(&site, "GET /dice HTTP/1.1\r\nx: ");
        let mut writer = slow.try_clone().unwrap();
        std::thread::spawn(move || {
            while writer.write_all(b"x").is_ok() {
                std::thread::sleep(SHORT / 10);
            }
        });
        assert!(ends(slow));
    }

    #[test]
    fn whoever_does_not_take_the_answer_is_cut() {
        let limits = Limits {
            answer: SHORT,
            grace: SHORT / 10,
            ..LIMITS
        };
        let site = start(Duration::ZERO, limits);
        let client = send(&site, HUGE);
        let start = Instant::now();
        while !site
            .observations()
            .requests
            .iter()
            .any(|huge| huge.end.is_some())
        {
            assert!(start.elapsed() < Duration::from_secs(60), "it never ended");
            std::thread::sleep(SHORT / 10);
        }
        drop(client);
    }

    #[test]
    fn a_page_that_hangs_ends_in_the_end() {
        let limits = Limits {
            hang: SHORT,
            grace: SHORT / 10,
            ..LIMITS
        };
        let site = start(Duration::ZERO, limits);
        assert!(ends(send(&site, HANG)));
        assert!(site.observations().requests[0].end >= Some(SHORT));
    }

    #[test]
    fn whoever_waits_for_the_site_is_not_cut() {
        let limits = Limits {
            connections: 2,
            request: SHORT,
            answer: SHORT,
            hang: SHORT,
            grace: SHORT / 10,
        };
        let site = start(5 * SHORT, limits);
        let clients: Vec<_> = (0..6).map(|_| send(&site, DICE)).collect();
        for mut client in clients {
            let mut page = Vec::new();
            client.read_to_end(&mut page).unwrap();
            assert!(page.ends_with(b"-->\n"));
        }
        let seen = site.observations();
        assert_eq!((seen.most_in_flight, seen.connections), (2, 6));
    }

    #[test]
    fn the_one_that_has_stayed_for_longest_makes_place() {
        let limits = Limits {
            connections: 2,
            grace: SHORT,
            ..LIMITS
        };
        let site = start(Duration::ZERO, limits);
        let [oldest, _newer, _last] = [(); 3].map(|()| {
            let client = send(&site, HANG);
            std::thread::sleep(SHORT / 10);
            client
        });
        assert!(ends(oldest));
        let ended = |request: &RequestSeen| request.end.is_some();
        let seen = site.observations();
        assert!(
            ended(&seen.requests[0]) && !ended(&seen.requests[1]),
            "{seen:?}"
        );
    }
}
