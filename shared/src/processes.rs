//! A pool of worker processes, as Python's `ProcessPoolExecutor` has them.
//!
//! A worker is this very executable, started again: a process of its own, with its own
//! memory. It enters at [`enter_worker`], opens what it needs once (a session, say), and then
//! does one job after another until the pool closes. Jobs and outcomes travel as lines of
//! JSON, over a connection on 127.0.0.1 that nobody else can use. What a job prints goes where
//! the output of the pool's own process goes.

mod entry;
mod message;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::worker::Worker;
use crate::membership::refuse_worker;
use crate::open_files;
use crate::{Error, Result};
pub use entry::enter_worker;

/// What every worker of a pool is given when it starts.
pub trait Argument: Serialize {
    /// How long a job may take, if the argument says so.
    ///
    /// A worker that has no outcome by then is killed, and another takes its place. Before that
    /// the pool gives it [`MARGIN`], so that a job can notice by itself that its time is over.
    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

/// The argument of a pool that downloads: when a page is given up.
impl Argument for Duration {
    fn time_limit(&self) -> Option<Duration> {
        Some(*self)
    }
}

/// No limit on the time of a job.
macro_rules! no_limit {
    ($($argument:ty)*) => { $(impl Argument for $argument {})* };
}

no_limit!(() bool i32 i64 u32 u64 usize f64 SystemTime String PathBuf &str);

impl<T: Serialize> Argument for Vec<T> {}
impl<A: Serialize, B: Serialize> Argument for (A, B) {}

/// How much more time than its limit a job gets before its worker is killed.
pub const MARGIN: Duration = Duration::from_secs(2);

/// A pool of worker processes. They end when it is dropped.
pub struct ProcessPool {
    workers: Vec<Worker>,
    argument: String,
    /// How long to wait for an outcome.
    patience: Option<Duration>,
}

impl ProcessPool {
    /// Starts so many `workers`; each opens its session with this `argument`. A [`Duration`] is
    /// also the time that a job may take.
    ///
    /// # Errors
    /// The system starts no more processes or opens no more sockets, or this process is itself
    /// a worker.
    pub fn start(workers: usize, argument: &impl Argument) -> Result<Self> {
        refuse_worker()?;
        // A worker that starts has its place to connect to as well as, perhaps, a page's connection.
        open_files::make_room(workers, 2)?;
        let patience = argument
            .time_limit()
            .map(|limit| limit.saturating_add(MARGIN));
        let argument = serde_json::to_string(argument)?;
        let workers = (0..workers)
            .map(|_| Worker::start())
            .collect::<Result<_>>()?;
        Ok(Self {
            workers,
            argument,
            patience,
        })
    }

    /// Does every job in one of the workers; the outcomes are in the order of the jobs.
    ///
    /// # Errors
    /// An outcome is an error if the job returned one, or if the worker that held it died or
    /// had to be killed; its place is taken by another. It is [told](Error::tell) at once, with
    /// the job as its name.
    pub fn map<J: Serialize + Sync, R: DeserializeOwned + Send>(
        &mut self,
        jobs: &[J],
    ) -> Vec<Result<R>> {
        let (argument, patience) = (&*self.argument, self.patience);
        let next = AtomicUsize::new(0);
        let outcomes = Mutex::new(BTreeMap::new());
        let work = |worker: &mut Worker| {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { return };
                let outcome = worker.run(argument, job, patience);
                let outcome = outcome.map_err(|error| error.tell(&name(job)));
                let mut outcomes = outcomes.lock().expect("nothing panics while it is held");
                outcomes.insert(index, outcome);
            }
        };
        let mut undone = Error::new("the pool has no workers");
        thread::scope(|scope| {
            for worker in &mut self.workers {
                let thread = thread::Builder::new().spawn_scoped(scope, || work(worker));
                if let Err(error) = thread {
                    undone = Error::from(error).while_doing("cannot start a thread for a worker");
                    // Fewer at once than were asked for would be another program.
                    next.store(jobs.len(), Ordering::Relaxed);
                    break;
                }
            }
        });
        let mut outcomes = outcomes.into_inner().expect("nothing panicked with it");
        let outcome = |index| {
            outcomes
                .remove(&index)
                .unwrap_or_else(|| Err(undone.clone()))
        };
        (0..jobs.len()).map(outcome).collect()
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        // Tell all of them before waiting for the first.
        self.workers.iter_mut().for_each(Worker::dismiss);
        let deadline = Instant::now() + worker::LEAVE_LIMIT;
        self.workers
            .iter_mut()
            .for_each(|worker| worker.see_off(deadline));
    }
}

/// A job as its reader knows it: `http://127.0.0.1:40123/dice`, without quotation marks, and
/// without the number that it may have.
fn name(job: &impl Serialize) -> String {
    let Ok(job) = serde_json::to_value(job) else {
        return "a job".into();
    };
    match &texts(&job)[..] {
        #[cfg(feature = "downloads")]
        [url] => crate::address::as_typed(url).into_owned(),
        #[cfg(not(feature = "downloads"))]
        [text] => (*text).to_owned(),
        _ => job.to_string(),
    }
}

/// The texts that are part of a job.
fn texts(job: &Value) -> Vec<&str> {
    match job {
        Value::String(text) => vec![text],
        Value::Array(parts) => parts.iter().flat_map(texts).collect(),
        Value::Object(parts) => parts.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_job_is_called_by_its_only_text() {
        let url = "http://127.0.0.1/dice";
        assert_eq!(name(&url), url);
        assert_eq!(name(&(9, url)), url);
        assert_eq!(name(&("one", "two")), r#"["one","two"]"#);
        assert_eq!(name(&9), "9");
    }
}
