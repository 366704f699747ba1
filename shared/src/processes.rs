//! A pool of worker processes, as Python's `ProcessPoolExecutor` has them.
//!
//! A worker is this very executable, started again: a process of its own, with its own
//! memory. It enters at [`enter_worker`], opens what it needs once (a session, say), and then
//! does one job after another until the pool closes. Jobs and outcomes travel as lines of
//! JSON over its standard input and output; whatever else it prints is passed on.

use std::borrow::Borrow;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{self, Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::options::{WORKER_MARK, refuse_worker};
use crate::{Error, Result, jobs, output};

/// Stands before an outcome, to tell it from what a job prints: the record separator of
/// JSON text sequences (RFC 7464), which JSON itself never contains.
const RECORD: u8 = 0x1e;

/// Where a worker process enters: the first line of `main`.
///
/// In a worker it calls `open` once with what [`ProcessPool::start`] was given, then `work`
/// for every job with what `open` returned, and never returns. Anywhere else it does nothing.
///
/// The worker ends when its parent has closed its standard input or is gone: on Unix even in
/// the middle of a job, elsewhere after it.
pub fn enter_worker<A, S, J, R>(open: impl FnOnce(A) -> S, work: impl Fn(&S, &J) -> Result<R>)
where
    A: DeserializeOwned,
    J: ToOwned<Owned: DeserializeOwned> + ?Sized,
    R: Serialize,
{
    if env::var_os(WORKER_MARK).is_none() {
        return;
    }
    #[cfg(unix)]
    end_with_parent();
    let mut lines = io::stdin().lines().map_while(io::Result::ok);
    let argument = lines.next().unwrap_or_else(|| process::exit(0));
    let session = open(serde_json::from_str(&argument).expect("the pool sent it as JSON"));
    for line in lines {
        let job: J::Owned = serde_json::from_str(&line).expect("the pool sent it as JSON");
        let outcome = work(&session, job.borrow()).map_err(|error| error.to_string());
        let outcome = serde_json::to_string(&outcome).expect("an outcome can be written as JSON");
        output::write(&format!("{}{outcome}\n", char::from(RECORD)));
    }
    if let Err(error) = jobs::write_log() {
        output::complain(format_args!("Error: {error}"));
        process::exit(1);
    }
    process::exit(0)
}

/// Ends this process a moment after its parent, whatever it is at.
///
/// The end of standard input would tell at once, but only a thread that reads all the time
/// would hear of it, and would have to hand on every job.
#[cfg(unix)]
fn end_with_parent() {
    use std::os::unix::process::parent_id;
    use std::time::Duration;

    let parent = env::var(WORKER_MARK).ok().and_then(|id| id.parse().ok());
    thread::spawn(move || {
        while parent == Some(parent_id()) {
            thread::sleep(Duration::from_millis(100));
        }
        process::exit(1)
    });
}

/// A pool of worker processes. They end when it is dropped.
pub struct ProcessPool {
    workers: Vec<Worker>,
    argument: String,
}

impl ProcessPool {
    /// Starts so many `workers`; each opens its session with this `argument`.
    ///
    /// # Errors
    /// The system starts no more processes, or this process is itself a worker.
    pub fn start(workers: usize, argument: &impl Serialize) -> Result<Self> {
        refuse_worker()?;
        let argument = serde_json::to_string(argument)?;
        let workers = (0..workers)
            .map(|_| Worker::start(&argument))
            .collect::<Result<_>>()?;
        Ok(Self { workers, argument })
    }

    /// Does every job in one of the workers; the outcomes are in the order of the jobs.
    ///
    /// # Errors
    /// An outcome is an error if the job returned one, or if the worker that held it died; its
    /// place is taken by another.
    pub fn map<J: Serialize + Sync, R: DeserializeOwned + Send>(
        &mut self,
        jobs: &[J],
    ) -> Vec<Result<R>> {
        let next = AtomicUsize::new(0);
        let argument = &self.argument;
        let work = |worker: &mut Worker| {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else {
                    return done;
                };
                match worker.revive(argument) {
                    Ok(()) => done.push((index, worker.run(job))),
                    // The other workers go on with the jobs that are left.
                    Err(error) => {
                        done.push((index, Err(error)));
                        return done;
                    }
                }
            }
        };
        let mut outcomes: Vec<Option<Result<R>>> = jobs.iter().map(|_| None).collect();
        thread::scope(|scope| {
            let threads: Vec<_> = self
                .workers
                .iter_mut()
                .map(|worker| scope.spawn(|| work(worker)))
                .collect();
            for thread in threads {
                for (index, outcome) in thread.join().expect("it does not panic") {
                    outcomes[index] = Some(outcome);
                }
            }
        });
        let undone = || Err(Error::new("no worker process was left to do it"));
        outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(undone))
            .collect()
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        // Tell all of them before waiting for the first.
        self.workers
            .iter_mut()
            .for_each(|worker| worker.jobs = None);
    }
}

struct Worker {
    process: Child,
    /// `None` once it has been told to end.
    jobs: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    fn start(argument: &str) -> Result<Self> {
        // On macOS a process started meanwhile by another thread would inherit our ends of the
        // pipes, and a worker would not notice that they are closed.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().expect("nothing panics in here");
        let start = || {
            Command::new(env::current_exe()?)
                .env(WORKER_MARK, process::id().to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
        };
        let mut process = start()
            .map_err(|error| Error::from(error).while_doing("cannot start a worker process"))?;
        let (jobs, answers) = (process.stdin.take(), process.stdout.take());
        let answers = BufReader::new(answers.expect("it was asked for"));
        let mut worker = Self {
            process,
            jobs,
            answers,
        };
        worker.send(argument);
        Ok(worker)
    }

    /// Starts another process in place of one that died.
    fn revive(&mut self, argument: &str) -> Result<()> {
        if self.process.try_wait()?.is_some() {
            *self = Self::start(argument)?;
        }
        Ok(())
    }

    fn run<R: DeserializeOwned>(&mut self, job: &impl Serialize) -> Result<R> {
        let reason = match self.outcome(job) {
            Ok(Some(outcome)) => return outcome.map_err(Error::new),
            Ok(None) => {
                let status = self.process.wait()?;
                format!("the worker process that held it died ({status})")
            }
            Err(error) => {
                // Whatever it says next would be taken for the outcome of another job.
                self.process.kill()?;
                self.process.wait()?;
                format!("the worker process that held it answered with no outcome: {error}")
            }
        };
        Err(Error::new(reason))
    }

    /// Has a job done, and passes on what it prints; `None` if the worker dies over it.
    fn outcome<R: DeserializeOwned>(
        &mut self,
        job: &impl Serialize,
    ) -> Result<Option<std::result::Result<R, String>>> {
        self.send(&serde_json::to_string(job)?);
        let mut line = Vec::new();
        while self.answers.read_until(b'\n', &mut line)? > 0 {
            let record = line.iter().position(|byte| *byte == RECORD);
            let printed = &line[..record.unwrap_or(line.len())];
            if !printed.is_empty() {
                output::print(format_args!("{}", String::from_utf8_lossy(printed)));
            }
            if let Some(record) = record {
                return Ok(Some(serde_json::from_slice(&line[record + 1..])?));
            }
            line.clear();
        }
        Ok(None)
    }

    /// Sends a line. Whether the worker lives to read it shows when it answers, or does not.
    fn send(&mut self, line: &str) {
        if let Some(jobs) = &mut self.jobs {
            let _ = jobs.write_all(format!("{line}\n").as_bytes());
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // Otherwise it would stay in the system's table of processes, as a zombie.
        let _ = self.process.wait();
    }
}
