//! The queue of one asker: its jobs, and what came of them.
//!
//! It is one stream of messages on the server, from which a message goes when somebody has
//! acknowledged it. So nothing is lost with a process, nor with the server if that keeps streams
//! in files. But a job may be done twice: by one who did not get to acknowledge it, and by
//! another.

mod job;
mod messages;
mod outcomes;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_nats::connection::State;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::{Config, ConsumerErrorKind, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};
use futures_util::TryStreamExt;
use tokio::time::sleep;

pub use self::job::Job;
pub(super) use self::outcomes::Outcomes;
use crate::output::complain;
use crate::{Error, Result};

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
        let names = || context.stream_names().try_collect::<Vec<String>>();
        let mut all = answer(|| async { names().await.ok() }).await?;
        all.retain(|name| name.starts_with(&format!("{kind}-")));
        all.sort();
        for name in all {
            let Some(jobs) = consumer(context, &name, JOBS).await? else {
                continue;
            };
            let Some(outcomes) = consumer(context, &name, OUTCOMES).await? else {
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

    /// Removes it with all that is in it.
    pub(super) async fn delete(&self) {
        let client = self.context.client();
        if client.connection_state() != State::Connected {
            // Whoever comes next does it.
            return;
        }
        if let Err(error) = self.context.delete_stream(&*self.name).await {
            complain(format_args!(
                "Note: the server still keeps the queue: {error}"
            ));
        }
    }

    /// Whether there is still somebody who waits for outcomes.
    async fn is_asked(&self) -> Result<bool> {
        answer(|| async {
            match self.outcomes.get_info().await.map_err(|error| error.kind()) {
                Ok(_) => Some(true),
                Err(ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound) => {
                    Some(false)
                }
                Err(_) => None,
            }
        })
        .await
    }
}

/// One of the two ends of a queue, if the server has it.
async fn consumer(
    context: &Context,
    queue: &str,
    end: &str,
) -> Result<Option<Consumer<pull::Config>>> {
    let missing = [ErrorCode::CONSUMER_NOT_FOUND, ErrorCode::STREAM_NOT_FOUND];
    answer(|| async {
        let found = context.get_consumer_from_stream(end, queue).await;
        match found.map_err(|error| error.kind()) {
            Ok(consumer) => Some(Some(consumer)),
            Err(ConsumerErrorKind::JetStream(error)) if missing.contains(&error.error_code()) => {
                Some(None)
            }
            Err(_) => None,
        }
    })
    .await
}

/// Asks the server something until it answers: it may be about to start again.
async fn answer<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return Ok(answer);
        }
        if start.elapsed() > PATIENCE {
            return Err(Error::new("the server has not answered for half a minute"));
        }
        sleep(BETWEEN_ATTEMPTS).await;
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

fn from_boxed(error: async_nats::Error) -> Error {
    Error::from_cause(&*error)
}
