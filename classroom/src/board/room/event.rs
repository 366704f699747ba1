//! What can happen in a room, as it is written down and read again.

use serde::{Deserialize, Serialize};

use super::Outcome;

/// An event, and when it happened.
#[derive(Serialize, Deserialize)]
pub struct Note {
    /// Milliseconds since the board was started.
    pub at: u64,
    #[serde(flatten)]
    pub event: Event,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A request came under a name.
    Came {
        name: String,
        connection: usize,
        request: usize,
    },
    Ended {
        request: usize,
        outcome: Outcome,
    },
    /// The next request of a name begins a new run.
    Run {
        name: String,
    },
    /// Everybody was forgotten.
    Cleared {},
}
