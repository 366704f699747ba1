//! What a worker does with a queue.

use std::process;
use std::time::{Duration, Instant};

use async_nats::jetstream::{AckKind, Message};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::{self, JoinHandle};

use super::{Queue, from_boxed, outcomes};
use crate::jobs::work_for;
use crate::{Result, println};

/// A job that a worker has taken.
pub struct Job<J> {
    /// What is to be done.
    pub what: J,
    number: usize,
    /// It is given out for the so many-th time.
    attempt: i64,
    message: Message,
}

/// How often a worker that has jobs looks whether anybody waits for the outcomes.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

impl Queue {
    /// Takes a job, once there is one; `None` if all are done, or nobody waits for them any more.
    ///
    /// # Errors
    /// The server has not answered for half a minute, or the job is none.
    pub async fn take<J: DeserializeOwned>(&mut self) -> Result<Option<Job<J>>> {
        if self.seen.elapsed() > BETWEEN_LOOKS {
            if !self.is_asked().await? {
                return Ok(None);
            }
            self.seen = Instant::now();
        }
        // One at a time: a job that waits behind another could be under way elsewhere.
        let Some(message) = self.next(&self.jobs, &mut None, 1).await? else {
            return Ok(None);
        };
        let (number, what) = serde_json::from_slice(&message.payload)?;
        let attempt = message.info().map_err(from_boxed)?.delivered;
        Ok(Some(Job {
            what,
            number,
            attempt,
            message,
        }))
    }

    /// Runs something on a thread that may wait or compute, like [`tokio::task::spawn_blocking`];
    /// the log of jobs has it as this worker's, whichever thread that is.
    pub fn spawn_blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> JoinHandle<R> {
        let worker = self.worker;
        task::spawn_blocking(move || {
            work_for(worker);
            work()
        })
    }

    /// Gives the asker what came of a job, and waits until the server has it.
    ///
    /// # Errors
    /// The server has not answered for half a minute.
    pub async fn put_outcome<J, R: Serialize>(
        &self,
        job: &Job<J>,
        outcome: Result<R>,
    ) -> Result<()> {
        let number = job.number;
        let worker = format!(
            "{}/{}",
            self.context.client().server_info().client_ip,
            process::id()
        );
        let outcome = outcome.map_err(|error| {
            // What a worker elsewhere tells is told to somebody else.
            let told = error.told_of().filter(|_| !self.foreign);
            (error.to_string(), told.map(str::to_owned))
        });
        let outcome = (number, worker, job.attempt, outcome);
        let put = self.put(outcomes(&self.name), &outcome, None).await?;
        if self.foreign {
            match put {
                true => println!("Did job {number}"),
                false => println!("Did job {number}, but nobody waits for it any more"),
            }
        }
        Ok(())
    }
}

impl<J> Job<J> {
    /// Tells the server that somebody is still at it.
    ///
    /// # Errors
    /// There is no connection any more.
    pub async fn in_progress(&self) -> Result<()> {
        let told = self.message.ack_with(AckKind::Progress).await;
        told.map_err(from_boxed)
    }

    /// Tells the server that it is done: nobody else will get it.
    ///
    /// # Errors
    /// There is no connection any more.
    pub async fn acknowledge(&self) -> Result<()> {
        self.message.ack().await.map_err(from_boxed)
    }
}
