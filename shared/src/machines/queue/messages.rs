//! Messages on their way into a queue and out of it.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{Consumer, pull};
use async_nats::jetstream::message::PublishMessage;
use futures_util::StreamExt;
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::{BETWEEN_ATTEMPTS, Queue};
use crate::Result;

/// How long a request for messages waits on the server.
const WAIT: Duration = Duration::from_millis(500);

/// How long its answer may be on the way. A server that has lost the queue gives none.
const DELAY: Duration = Duration::from_secs(1);

impl Queue {
    /// Puts something into the queue, and waits until the server has it; `false` if there is no
    /// queue any more.
    pub(super) async fn put(
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

    /// Waits for the next message, of a `batch` of at most so many; `None` if there is no queue
    /// any more.
    pub(super) async fn next(
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
}
