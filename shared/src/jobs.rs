//! Which jobs were under way when, and on which thread: what the practice site is for
//! downloads, this is for computations.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fmt, process, thread};

use crate::{Error, Result};

/// If this environment variable names a file, every process of a program that computes adds
/// its jobs to it; [`read_log`] reads them.
pub const JOB_LOG: &str = "JOB_LOG";

/// A job under way. It ends when this is dropped, and is noted with its thread, start and end.
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
}

impl Job {
    /// Begins a job; `what` it is stands in the log.
    pub fn begin(what: impl fmt::Display) -> Self {
        Self {
            what: LOG.is_some().then(|| what.to_string()),
            start: Instant::now(),
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let end = Instant::now();
        ENDED.fetch_add(1, Ordering::Relaxed);
        if let Some(what) = &self.what {
            let [start, end] = [self.start, end].map(|time| since_1970(time).as_nanos());
            let (process, thread) = (process::id(), thread::current().id());
            let what = what.replace(['\n', '\r'], " ");
            let mut lines = LINES
                .lock()
                .expect("nothing panics while it holds the lines");
            writeln!(lines, "{process} {thread:?}\t{start}\t{end}\t{what}")
                .expect("a String takes everything");
        }
    }
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
pub(crate) fn write_log() -> Result<()> {
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

/// A job that has ended; times are counted from the beginning of the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSeen {
    /// Which thread it was on, in whichever process; the first is 0.
    pub thread: usize,
    /// When it began.
    pub start: Duration,
    /// When it had ended.
    pub end: Duration,
    /// What it was, as in `fib(35)`.
    pub what: String,
}

/// Reads the file that [`JOB_LOG`] named; the jobs are in the order in which they began.
///
/// # Errors
/// There is no such file, or it is no log of jobs.
pub fn read_log(log: &Path) -> Result<Vec<JobSeen>> {
    let text = fs::read_to_string(log)?;
    let mut lines = text
        .lines()
        .map(|line| fields(line).ok_or_else(|| Error::new(format!("not a job: {line}"))))
        .collect::<Result<Vec<_>>>()?;
    lines.sort_by_key(|(_, start, ..)| *start);
    let first = lines
        .first()
        .map_or(Duration::ZERO, |(_, start, ..)| *start);
    let mut threads = HashMap::new();
    let seen = lines.into_iter().map(|(thread, start, end, what)| {
        let next = threads.len();
        JobSeen {
            thread: *threads.entry(thread).or_insert(next),
            start: start - first,
            end: end - first,
            what: what.to_owned(),
        }
    });
    Ok(seen.collect())
}

fn fields(line: &str) -> Option<(&str, Duration, Duration, &str)> {
    let mut fields = line.splitn(4, '\t');
    let thread = fields.next()?;
    let mut time = || Some(Duration::from_nanos(fields.next()?.parse().ok()?));
    let (start, end) = (time()?, time()?);
    Some((thread, start, end.max(start), fields.next()?))
}

/// The most jobs that were under way at the same moment, of jobs in the order of [`read_log`].
pub fn most_at_once(jobs: &[JobSeen]) -> usize {
    let mut ends = BinaryHeap::new();
    let under_way = jobs.iter().map(|job| {
        while ends.peek().is_some_and(|Reverse(end)| *end <= job.start) {
            ends.pop();
        }
        ends.push(Reverse(job.end));
        ends.len()
    });
    under_way.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(jobs: &[(u64, u64)]) -> usize {
        let seen = |(start, end): &(u64, u64)| JobSeen {
            thread: 0,
            start: Duration::from_nanos(*start),
            end: Duration::from_nanos(*end),
            what: String::new(),
        };
        most_at_once(&jobs.iter().map(seen).collect::<Vec<_>>())
    }

    #[test]
    fn jobs_are_at_once_if_one_begins_before_the_other_ends() {
        assert_eq!(most(&[]), 0);
        assert_eq!(most(&[(0, 5), (5, 9), (9, 9), (9, 12)]), 1);
        assert_eq!(most(&[(0, 5), (1, 3), (2, 4), (4, 6), (4, 5)]), 3);
    }
}
