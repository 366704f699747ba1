//! Which jobs were under way when, and on which thread or by which worker: what the practice site
//! is for downloads, this is for computations.

mod gate;
mod log;

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fmt, process, thread};

pub use self::gate::{Gate, GateSeen, JOB_GATE, JobAsked};
pub use self::log::{JobSeen, most_at_once, read_log, read_log_since};
use crate::{Error, Result};

/// If this environment variable names a file, every process of a program that computes adds
/// its jobs to it; [`read_log`] reads them.
pub const JOB_LOG: &str = "JOB_LOG";

/// A job under way. It ends when this is dropped, and is noted with its thread, or
/// the worker that it [works for](work_for), start and end.
///
/// ```
/// # use shared::jobs::Job;
/// let _job = Job::begin("a long addition");
/// let sum: u64 = (0..1000).sum();
/// # assert_eq!(sum, 499_500);
/// ```
#[must_use = "a job that is dropped at once has ended"]
pub struct Job {
    start: Instant,
    /// `None` if nobody wants to know.
    what: Option<String>,
    /// If there is a gate: it knows by the end of this connection that the job has ended.
    gate: Option<TcpStream>,
}

impl Job {
    /// Begins a job; `what` it is stands in the log. If [`JOB_GATE`] names a gate, it begins
    /// when that gives leave.
    pub fn begin(what: impl fmt::Display) -> Self {
        Self {
            gate: gate::ask_for_leave(&what),
            what: LOG.is_some().then(|| what.to_string()),
            start: Instant::now(),
        }
    }

    /// Tells the gate, if there is one, what came of the job.
    pub fn returned(&mut self, result: impl fmt::Display) {
        if let Some(gate) = &mut self.gate {
            // A gate that is gone has nobody who wants to know.
            let _ = writeln!(gate, "{result}");
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let end = Instant::now();
        ENDED.fetch_add(1, Ordering::Relaxed);
        if let Some(what) = &self.what {
            let [start, end] = [self.start, end].map(|time| since_1970(time).as_nanos());
            let process = process::id();
            let lane = match WORKER.get() {
                Some(worker) => format!("worker {worker}"),
                None => format!("{:?}", thread::current().id()),
            };
            let what = what.replace(['\n', '\r'], " ");
            let mut lines = LINES
                .lock()
                .expect("nothing panics while it holds the lines");
            writeln!(lines, "{process} {lane}\t{start}\t{end}\t{what}")
                .expect("a String takes everything");
        }
    }
}

/// From here on the jobs of this thread are noted as those of a worker: a pool may give every
/// job of one worker to another thread.
pub fn work_for(worker: usize) {
    WORKER.set(Some(worker));
}

thread_local! {
    static WORKER: Cell<Option<usize>> = const { Cell::new(None) };
}

static LOG: LazyLock<Option<PathBuf>> = LazyLock::new(|| env::var_os(JOB_LOG).map(PathBuf::from));
static ENDED: AtomicUsize = AtomicUsize::new(0);
static LINES: Mutex<String> = Mutex::new(String::new());

/// An `Instant` means something in its own process only, and the jobs of a program may be
/// spread over several.
fn since_1970(time: Instant) -> Duration {
    static ORIGIN: LazyLock<(Instant, Duration)> = LazyLock::new(|| {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        (Instant::now(), since_1970.unwrap_or_default())
    });
    let (origin, since_1970) = *ORIGIN;
    // The first job began before the origin was asked for.
    (since_1970 + time.saturating_duration_since(origin))
        .saturating_sub(origin.saturating_duration_since(time))
}

/// How many jobs of this process have ended so far.
pub(crate) fn ended() -> usize {
    ENDED.load(Ordering::Relaxed)
}

/// Adds the jobs of this process to the log, if there is to be one.
///
/// # Errors
/// The file cannot be written.
pub fn write_log() -> Result<()> {
    let Some(log) = &*LOG else {
        return Ok(());
    };
    let lines = LINES
        .lock()
        .expect("nothing panics while it holds the lines");
    let file = OpenOptions::new().create(true).append(true).open(log);
    // In one piece: other processes write, too.
    file.and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|error| Error::from(error).while_doing("cannot write the job log"))
}
