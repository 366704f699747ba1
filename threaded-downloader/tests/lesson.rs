//! The grader of this lesson: `cargo test -p threaded-downloader`, also for a solution of your own.

use std::process::ExitCode;

use shared::grader::{Connections, Downloader};

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_threaded-downloader"),
    at_once: 5,
    workers_option: true,
    one_thread: false,
    processes: false,
    connections: Connections::Kept,
    too_few: "is a thread joined before the next is started, or a lock held while a page is on \
    its way?",
    too_many_connections: "is a new session opened for every page, or do all threads share one? \
    Each thread needs a session of its own.",
};

fn main() -> ExitCode {
    LESSON.lesson().grade()
}
