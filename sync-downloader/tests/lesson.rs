//! The grader of this lesson: `cargo test -p sync-downloader`, also for a solution of your own.

use std::process::ExitCode;

use shared::grader::{Connections, Downloader};

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_sync-downloader"),
    at_once: 1,
    workers_option: false,
    one_thread: true,
    processes: false,
    connections: Connections::Kept,
    too_few: "is the download ever started?",
    too_many_connections: "is a new session opened for every page?",
};

fn main() -> ExitCode {
    LESSON.lesson().grade()
}
