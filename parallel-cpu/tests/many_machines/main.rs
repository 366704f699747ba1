//! Jobs on several machines: here several processes, and a real server between them.
//!
//! `.ci/machines` runs it. Without `nats-server` nearly everything is skipped, and says so.
#![cfg(unix)]

mod address;
mod cable;
mod nats;
mod own_server;
mod program;
mod workers;

use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing here takes that long, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(120);

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// About a quarter of a second.
const LONG: &str = "--number 40";

/// Time enough to have taken the next job, and not to have done it.
fn let_it_take_a_job() {
    thread::sleep(Duration::from_millis(60));
}

/// Says why a test does nothing here: past what keeps the output of tests that pass.
fn skip(why: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED: {why}");
}
