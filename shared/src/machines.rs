//! Jobs for several machines. They wait in a queue on a [NATS](https://nats.io) server; workers
//! on any machine take them, and what came of each goes back to the program that asked.

mod options;
mod queue;
mod server;

use std::future::{Future, pending};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::pull;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;
use tokio::time::sleep;

pub use self::options::Task;
use self::options::{Address, Asked};
use self::queue::Outcomes;
pub use self::queue::{Job, Queue};
use self::server::Server;
use crate::output::counted;
use crate::{Result, jobs, println};

/// Which part of the work this program does.
pub enum Part<T> {
    /// It has a task, and asks for every job of it to be done.
    Asker(Asker, T),
    /// It does the jobs of others.
    Worker(Worker),
}

/// A program that asks for jobs to be done, and does some of them itself.
pub struct Asker {
    context: Context,
    kind: &'static str,
    workers: usize,
    /// A server of its own keeps the jobs in memory, as it ends with the program.
    own: Option<Server>,
    /// Whether others have joined it there.
    joined: AtomicBool,
}

/// A program that does jobs for others.
pub struct Worker {
    context: Context,
    kind: &'static str,
    workers: usize,
}

impl<T: Task> Part<T> {
    /// Reads the command line of a program that is `about` something, and connects it to the
    /// server that it names, or to one of its own.
    ///
    /// Asked for help, or for something that makes no sense, it ends the program.
    ///
    /// # Errors
    /// The server does not start, cannot be reached or does not let this program in.
    pub async fn from_command_line(about: &'static str, default: crate::Workers) -> Result<Self> {
        Server::keep_if_asked();
        let asked = Asked::<T>::from_command_line(about, default)?;
        let (kind, workers) = (T::KIND, asked.workers);
        Ok(match asked.task {
            None => Self::Worker(Worker {
                context: asked.address.connect().await?,
                kind,
                workers,
            }),
            Some(task) => {
                let (address, own) = if asked.address.is_given() {
                    (asked.address, None)
                } else {
                    let server = Server::start()?;
                    println!("Another terminal can help: --join {}", server.url());
                    (Address::new(server.url()), Some(server))
                };
                let context = address.connect().await?;
                let asker = Asker {
                    context,
                    kind,
                    workers,
                    own,
                    joined: AtomicBool::new(false),
                };
                Self::Asker(asker, task)
            }
        })
    }
}

impl Asker {
    /// Has every one of `jobs` done, by workers that `take` them from the queue as its `rules`
    /// say, here and on other machines, and says how many jobs each of them did. What came of
    /// them is in the order of the jobs.
    ///
    /// # Errors
    /// The server does not keep the queue or has not answered for half a minute, or a worker of this
    /// program fails. That a job fails is an outcome, and no error here.
    pub async fn ask<J, R, F>(
        &self,
        jobs: &[J],
        rules: pull::Config,
        take: fn(Queue) -> F,
    ) -> Result<Vec<Result<R>>>
    where
        J: Serialize,
        R: DeserializeOwned,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let in_memory = self.own.is_some();
        let queue = Queue::create(&self.context, self.kind, rules, in_memory).await?;
        let mut workers = start(self.workers, &queue, take);
        let mut outcomes = Outcomes::new(jobs.len());
        let asked = async { tokio::try_join!(queue.put_all(jobs), queue.gather(&mut outcomes)) };
        let done = tokio::select! {
            asked = asked => asked.map(|_| ()),
            given_up = queue.give_up() => given_up,
            failure = first_failure(&mut workers) => Err(failure),
        };
        // Nobody else would come for what is left of it.
        queue.delete().await;
        done?;
        let joined = outcomes.by_worker.len() > usize::from(self.workers > 0);
        self.joined.store(joined, Ordering::Relaxed);
        for (worker, jobs) in &outcomes.by_worker {
            println!("{} by {worker}", counted(*jobs, "job"));
        }
        Ok(outcomes.in_order())
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        // Whoever has joined asks the server whether there is more to do before it leaves.
        if self.own.is_some() && self.joined.load(Ordering::Relaxed) {
            thread::sleep(TO_LEAVE);
        }
    }
}

/// Sets so many workers of this program to a queue.
fn start<F>(workers: usize, queue: &Queue, take: fn(Queue) -> F) -> JoinSet<Result<()>>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    (0..workers)
        .map(|worker| take(queue.of_worker(worker)))
        .collect()
}

/// Waits until one of them fails, and for ever if none does.
async fn first_failure(workers: &mut JoinSet<Result<()>>) -> crate::Error {
    while let Some(ended) = workers.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error,
            Err(panicked) => return panicked.into(),
        }
    }
    pending().await
}

impl Worker {
    /// Does the jobs of whoever asks, and says which: until there is no queue left, and if there
    /// is none yet, waits for one.
    ///
    /// # Errors
    /// The server has not answered for half a minute; a worker failed; the file that
    /// [`JOB_LOG`](jobs::JOB_LOG) names cannot be written.
    pub async fn work<F>(&self, take: fn(Queue) -> F) -> Result<ExitCode>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let mut served = 0;
        loop {
            let queues = Queue::find_all(&self.context, self.kind).await?;
            if let Some(queue) = queues.into_iter().next() {
                served += 1;
                let mut workers = start(self.workers.max(1), &queue, take);
                while let Some(ended) = workers.join_next().await {
                    ended??;
                }
            } else if served > 0 {
                break;
            } else {
                sleep(BETWEEN_LOOKS).await;
            }
        }
        println!("Did {}", counted(jobs::ended(), "job"));
        jobs::write_log()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How long a server of a program's own goes on for those who have joined.
const TO_LEAVE: Duration = Duration::from_secs(2);

/// How often a worker looks whether somebody asks for jobs.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
