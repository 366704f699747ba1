//! What can happen in a room, as it is written down and read again.

use std::mem;

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

/// What has happened, a line for each event, until somebody writes it down.
pub struct Notes(Option<String>);

impl Notes {
    /// They stay empty unless they are wanted.
    pub fn new(wanted: bool) -> Self {
        Self(wanted.then(String::new))
    }

    pub fn add(&mut self, at: u64, event: impl FnOnce() -> Event) {
        if let Self(Some(notes)) = self {
            let event = event();
            let note = serde_json::to_string(&Note { at, event });
            notes.push_str(&note.expect("it is made of numbers and names"));
            notes.push('\n');
        }
    }

    pub fn take(&mut self) -> String {
        self.0.as_mut().map(mem::take).unwrap_or_default()
    }
}
