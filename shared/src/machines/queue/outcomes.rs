//! What an asker does with a queue.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use async_nats::jetstream::consumer::pull;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::{EXPIRY, GIVEN_UP, Queue, from_boxed, jobs, outcomes};
use crate::machines::options::IN_FLIGHT;
use crate::{Error, Result, println};

/// What a worker says of a job: its number, who did it, for the so many-th time, and what came of
/// it. A failure has its reason, and of what the asker's terminal has been told already.
type Outcome<R> = (
    usize,
    String,
    i64,
    std::result::Result<R, (String, Option<String>)>,
);

/// What came of the jobs.
pub struct Outcomes<R> {
    outcomes: BTreeMap<usize, Result<R>>,
    jobs: usize,
    /// How many of them each worker did.
    pub by_worker: BTreeMap<String, usize>,
}

impl Queue {
    pub(in crate::machines) async fn put_all<J: Serialize>(&self, all: &[J]) -> Result<()> {
        let put = all.iter().enumerate().map(|job| async move {
            match self.put(jobs(&self.name), &job, Some(job.0)).await? {
                true => Ok(()),
                false => Err(gone()),
            }
        });
        stream::iter(put)
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await
    }

    /// Waits until there is an outcome for every job.
    pub(in crate::machines) async fn gather<R: DeserializeOwned>(
        &self,
        gathered: &mut Outcomes<R>,
    ) -> Result<()> {
        let all = async {
            let mut batch = None;
            while gathered.outcomes.len() < gathered.jobs {
                let next = self.next(&self.outcomes, &mut batch, IN_FLIGHT).await?;
                let message = next.ok_or_else(gone)?;
                // What the server gives out again for want of an acknowledgement is known.
                if message.info().map_err(from_boxed)?.delivered == 1 {
                    gathered.add(serde_json::from_slice(&message.payload)?);
                }
                message.ack().await.map_err(from_boxed)?;
            }
            Ok(())
        };
        let expired = |_| Error::new("the server keeps jobs for a day, and that is over");
        timeout(EXPIRY, all).await.map_err(expired)?
    }

    /// Makes a failure of every job that was given out as often as it may be, and never done.
    pub(in crate::machines) async fn give_up(&self) -> Result<()> {
        let given_up = self
            .context
            .get_consumer_from_stream::<pull::Config, _, _>(GIVEN_UP, &*self.name)
            .await?;
        let stream = self.context.get_stream_no_info(&*self.name).await?;
        let mut batch = None;
        while let Some(message) = self.next(&given_up, &mut batch, IN_FLIGHT).await? {
            let advice: Value = serde_json::from_slice(&message.payload)?;
            let job = advice["stream_seq"].as_u64().unwrap_or_default();
            // If it is not there any more, somebody did it at last.
            if let Ok(job) = stream.get_raw_message(job).await {
                let (number, _): (usize, Value) = serde_json::from_slice(&job.payload)?;
                let attempts = advice["deliveries"].as_i64().unwrap_or_default();
                let reason = format!("given out {attempts} times, and never done");
                let outcome = Err::<(), _>((reason, None::<String>));
                let outcome = (number, "nobody", attempts, outcome);
                self.put(outcomes(&self.name), &outcome, None).await?;
            }
            message.ack().await.map_err(from_boxed)?;
        }
        Err(gone())
    }
}

impl<R> Outcomes<R> {
    pub fn new(jobs: usize) -> Self {
        Self {
            outcomes: BTreeMap::new(),
            jobs,
            by_worker: BTreeMap::new(),
        }
    }

    /// The first outcome of a job counts, and no other.
    fn add(&mut self, (number, worker, attempt, outcome): Outcome<R>) {
        match self.outcomes.entry(number) {
            Entry::Occupied(_) => println!("Job {number} was done again, by {worker}: not counted"),
            Entry::Vacant(place) => {
                if attempt > 1 && outcome.is_ok() {
                    println!("Job {number} was given out {attempt} times, and done by {worker}");
                }
                let failed = |(reason, told)| Error::new(reason).with_told(told);
                place.insert(outcome.map_err(failed));
                *self.by_worker.entry(worker).or_default() += 1;
            }
        }
    }

    pub fn in_order(self) -> Vec<Result<R>> {
        self.outcomes.into_values().collect()
    }
}

fn gone() -> Error {
    Error::new("the server does not keep the queue any more")
}
