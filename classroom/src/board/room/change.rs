//! What there is to be shown of a room.

use serde::Serialize;

use super::{Bar, Figures};

/// What has changed, or all that there is.
#[derive(Serialize)]
pub struct Change {
    /// One more than that of the change before.
    pub number: u64,
    /// Whether what is not mentioned is not there.
    pub whole: bool,
    /// Milliseconds since the board was started.
    pub at: u64,
    pub names: Vec<Shown>,
    /// Who has gone, by their numbers.
    pub gone: Vec<usize>,
}

/// A name, and what is to be shown of it.
#[derive(Serialize)]
pub struct Shown {
    pub id: usize,
    pub name: String,
    #[serde(flatten)]
    pub figures: Figures,
    /// Bars that have begun, changed or ended.
    pub bars: Vec<Bar>,
}
