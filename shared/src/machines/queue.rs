//! The queue of one asker: its jobs, and what came of them.
//!
//! It is one stream of messages on the server, from which a message goes when somebody has
//! acknowledged it. So nothing is lost with a process, nor with the server if that keeps streams
//! in files. But a job may be done twice: by one who did not get to acknowledge it, and by
//! another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use async_nats::jetstream::{AckKind, Context, Message};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::task::{self, JoinHandle};
use tokio::time::{sleep, timeout};

use super::options::IN_FLIGHT;
use crate::jobs::work_for;
use crate::output::complain;
use crate::{Error, Result, println};

/// The queue of one asker.
#[derive(Clone)]
pub struct Queue {
    context: Context,
    name: Arc<str>,
    jobs: Consumer<pull::Config>,
    outcomes: Consumer<pull::Config>,
    /// Which worker of this program has it.
    worker: usize,
    /// Whether it is another program's: then it is to be said which jobs this one did.
    foreign: bool,
    /// When it was seen last that somebody waits for the outcomes.
    seen: Instant,
}

/// A job that a worker has taken.
pub struct Job<J> {
    /// What is to be done.
    pub what: J,
    number: usize,
    /// It is given out for the so many-th time.
    attempt: i64,
    message: Message,
}

/// What came of the jobs.
pub(super) struct Outcomes<R> {
    outcomes: BTreeMap<usize, Result<R>>,
    jobs: usize,
    /// How many of them each worker did.
    pub by_worker: BTreeMap<String, usize>,
}

/// How long a request for messages waits on the server.
const WAIT: Duration = Duration::from_millis(500);

/// How long its answer may be on the way. A server that has lost the queue gives none.
const DELAY: Duration = Duration::from_secs(1);

/// How often a worker that has jobs looks whether anybody waits for the outcomes.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);

/// How long a server may give no answer, while it starts again, for example; and how long an
/// asker may not ask for outcomes before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the server keeps a job, done or not.
const EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

impl Queue {
    /// Makes a queue for jobs of some `kind`.
    pub(super) async fn create(
        context: &Context,
        kind: &str,
        rules: pull::Config,
        in_memory: bool,
    ) -> Result<Self> {
        Self::find_all(context, kind).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_millis();
        let inbox = context.client().new_inbox();
        let unique = inbox.rsplit('.').next().unwrap_or_default();
        // In the order of the names the oldest comes first.
        let name = format!("{kind}-{now}-{unique}");
        let config = Config {
            name: name.clone(),
            subjects: vec![jobs(&name), outcomes(&name), given_up(&name)],
            retention: RetentionPolicy::WorkQueue,
            max_age: EXPIRY,
            storage: match in_memory {
                true => StorageType::Memory,
                false => StorageType::File,
            },
            ..Config::default()
        };
        let stream = context.create_stream(config).await.map_err(|error| {
            let reason = error.to_string();
            Error::new(reason).while_doing("the server does not keep a queue")
        })?;
        let consumer = |name: &str, subject, rules| pull::Config {
            durable_name: Some(name.to_owned()),
            filter_subject: subject,
            ..rules
        };
        let own = pull::Config {
            ack_policy: AckPolicy::Explicit,
            inactive_threshold: PATIENCE,
            ..pull::Config::default()
        };
        stream
            .create_consumer(consumer(GIVEN_UP, given_up(&name), own.clone()))
            .await?;
        Ok(Self {
            context: context.clone(),
            outcomes: stream
                .create_consumer(consumer(OUTCOMES, outcomes(&name), own))
                .await?,
            // The last: whoever sees it takes the queue for complete.
            jobs: stream
                .create_consumer(consumer(JOBS, jobs(&name), rules))
                .await?,
            name: name.into(),
            worker: 0,
            foreign: false,
            seen: Instant::now(),
        })
    }

    /// Finds the queues of all who wait for jobs of some `kind` to be done, the oldest first, and
    /// removes those that somebody has left.
    pub(super) async fn find_all(context: &Context, kind: &str) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        let mut names = context.stream_names();
        let mut all: Vec<String> = Vec::new();
        while let Some(name) = names.try_next().await? {
            all.push(name);
        }
        all.retain(|name| name.starts_with(&format!("{kind}-")));
        all.sort();
        for name in all {
            let get = |consumer: &'static str| {
                context.get_consumer_from_stream::<pull::Config, _, _>(consumer, &*name)
            };
            let Ok(jobs) = get(JOBS).await else {
                continue;
            };
            let Ok(outcomes) = get(OUTCOMES).await else {
                // It may have been removed meanwhile.
                let _ = context.delete_stream(&name).await;
                continue;
            };
            found.push(Self {
                context: context.clone(),
                name: name.into(),
                jobs,
                outcomes,
                worker: 0,
                foreign: true,
                seen: Instant::now(),
            });
        }
        Ok(found)
    }

    /// The same queue, for one of the workers of this program.
    pub(super) fn of_worker(&self, worker: usize) -> Self {
        Self {
            worker,
            ..self.clone()
        }
    }

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
        let outcome = outcome.map_err(|error| error.to_string());
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

    /// Puts something into the queue, and waits until the server has it; `false` if there is no
    /// queue any more.
    async fn put(
        &self,
        subject: String,
        what: &impl Serialize,
        number: Option<usize>,
    ) -> Result<bool> {
        let payload = serde_json::to_vec(what)?;
        loop {
            let mut message = PublishMessage::build().payload(payload.clone().into());
            if let Some(number) = number {
                // If only the answer was lost, the server does not take it twice.
                message = message.message_id(number.to_string());
            }
            let sent = self.context.send_publish(subject.clone(), message).await;
            let answer = match sent {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(_) => return Ok(true),
                Err(_) if !self.is_asked().await? => return Ok(false),
                Err(_) => sleep(BETWEEN_ATTEMPTS).await,
            }
        }
    }

    pub(super) async fn put_all<J: Serialize>(&self, all: &[J]) -> Result<()> {
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
    pub(super) async fn gather<R: DeserializeOwned>(
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
    pub(super) async fn give_up(&self) -> Result<()> {
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
                let outcome = (number, "nobody", attempts, Err::<(), _>(reason));
                self.put(outcomes(&self.name), &outcome, None).await?;
            }
            message.ack().await.map_err(from_boxed)?;
        }
        Err(gone())
    }

    /// Waits for the next message, of a `batch` of at most so many; `None` if there is no queue
    /// any more.
    async fn next(
        &self,
        consumer: &Consumer<pull::Config>,
        batch: &mut Option<pull::Batch>,
        most: usize,
    ) -> Result<Option<Message>> {
        loop {
            let message = match batch {
                Some(batch) => timeout(WAIT + DELAY, batch.next()).await.unwrap_or(None),
                None => {
                    let request = consumer.batch().max_messages(most).expires(WAIT);
                    match request.messages().await {
                        Ok(requested) => {
                            *batch = Some(requested);
                            continue;
                        }
                        Err(error) => Some(Err(error.into())),
                    }
                }
            };
            if let Some(Ok(message)) = message {
                return Ok(Some(message));
            }
            // All of the batch have come, or none for some time, or the server has its reasons.
            *batch = None;
            if !self.is_asked().await? {
                return Ok(None);
            }
            if message.is_some() {
                sleep(BETWEEN_ATTEMPTS).await;
            }
        }
    }

    /// Removes it with all that is in it.
    pub(super) async fn delete(&self) {
        if let Err(error) = self.context.delete_stream(&*self.name).await {
            // Whoever comes next does it.
            complain(format_args!(
                "Note: the server still keeps the queue: {error}"
            ));
        }
    }

    /// Whether there is still somebody who waits for outcomes.
    async fn is_asked(&self) -> Result<bool> {
        let start = Instant::now();
        loop {
            match self.outcomes.get_info().await.map_err(|error| error.kind()) {
                Ok(_) => return Ok(true),
                Err(ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound) => {
                    return Ok(false);
                }
                Err(_) if start.elapsed() > PATIENCE => {
                    return Err(Error::new("the server has not answered for half a minute"));
                }
                Err(_) => sleep(BETWEEN_ATTEMPTS).await,
            }
        }
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

impl<R> Outcomes<R> {
    pub fn new(jobs: usize) -> Self {
        Self {
            outcomes: BTreeMap::new(),
            jobs,
            by_worker: BTreeMap::new(),
        }
    }

    /// The first outcome of a job counts, and no other.
    fn add(&mut self, outcome: (usize, String, i64, std::result::Result<R, String>)) {
        let (number, worker, attempt, outcome) = outcome;
        match self.outcomes.entry(number) {
            Entry::Occupied(_) => println!("Job {number} was done again, by {worker}: not counted"),
            Entry::Vacant(place) => {
                if attempt > 1 && outcome.is_ok() {
                    println!("Job {number} was given out {attempt} times, and done by {worker}");
                }
                place.insert(outcome.map_err(Error::new));
                *self.by_worker.entry(worker).or_default() += 1;
            }
        }
    }

    pub fn in_order(self) -> Vec<Result<R>> {
        self.outcomes.into_values().collect()
    }
}

const JOBS: &str = "jobs";
const OUTCOMES: &str = "outcomes";
const GIVEN_UP: &str = "given-up";

fn jobs(name: &str) -> String {
    format!("{name}.{JOBS}")
}

fn outcomes(name: &str) -> String {
    format!("{name}.{OUTCOMES}")
}

/// What the server itself says of a job that it has given out as often as it may.
fn given_up(name: &str) -> String {
    format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{name}.{JOBS}")
}

fn gone() -> Error {
    Error::new("the server does not keep the queue any more")
}

fn from_boxed(error: async_nats::Error) -> Error {
    Error::from_cause(&*error)
}
