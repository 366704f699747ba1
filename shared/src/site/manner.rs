//! How the practice site treats its clients: what a request waits for before it is answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{sleep, timeout};

use super::log::InFlight;
use crate::turnstile::Turnstile;

/// How long a gathering site waits for its requests to come together.
const GATHER_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) enum Manner {
    /// Every answer takes a while.
    Latency(Duration),
    /// Nobody is answered before so many requests have been in flight together.
    Gathering {
        latency: Duration,
        requests: usize,
        gathered: watch::Sender<bool>,
    },
    /// One at a time is answered, and only while enough others are in flight.
    Turnstile(Arc<Turnstile>),
}

impl Manner {
    pub fn gathering(latency: Duration, requests: usize) -> Self {
        match requests {
            0 => Self::Latency(latency),
            _ => Self::Gathering {
                latency,
                requests,
                gathered: watch::Sender::new(false),
            },
        }
    }

    /// Whether a request has to wait at all.
    pub fn waits(&self) -> bool {
        !matches!(self, Self::Latency(Duration::ZERO))
    }

    pub async fn wait(&self, request: &mut InFlight, hangs: bool) {
        match self {
            Self::Latency(latency) => take(*latency).await,
            Self::Gathering {
                latency,
                requests,
                gathered,
            } => {
                if request.at_once() >= *requests {
                    gathered.send_replace(true);
                }
                let mut news = gathered.subscribe();
                if timeout(GATHER_TIMEOUT, news.wait_for(|gathered| *gathered))
                    .await
                    .is_err()
                {
                    gathered.send_replace(true);
                }
                take(*latency).await;
            }
            Self::Turnstile(turnstile) => {
                let (release, released) = oneshot::channel();
                let release = move || {
                    // Nobody waits for it any more if the client has left.
                    let _ = release.send(());
                };
                request.keep(turnstile.enter((!hangs).then_some(release)));
                if !hangs {
                    // An error is a turnstile that has ended with its site.
                    let _ = released.await;
                }
            }
        }
    }
}

/// Even a sleep of no length would cost a millisecond.
async fn take(latency: Duration) {
    if !latency.is_zero() {
        sleep(latency).await;
    }
}
