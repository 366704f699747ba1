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
