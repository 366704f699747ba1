//! Ctrl-C, and whatever else asks a program to end.

use std::sync::OnceLock;

use shared::{Error, Result};

static INTERRUPTED: OnceLock<()> = OnceLock::new();

/// From here on Ctrl-C ends nothing by itself: it is noted, and the work under way ends in order.
///
/// # Errors
/// The system does not tell.
pub fn notice_interruptions() -> Result<()> {
    let note = || {
        // Whoever presses it twice must wait, too: nothing is to be left half done.
        let _ = INTERRUPTED.set(());
    };
    ctrlc::set_handler(note)
        .map_err(|error| Error::from(error).while_doing("cannot prepare for Ctrl-C"))
}

pub fn interrupted() -> bool {
    INTERRUPTED.get().is_some()
}

pub fn wait_for_interruption() {
    INTERRUPTED.wait();
}
