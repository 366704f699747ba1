//! The grader of this lesson: `cargo test -p async-downloader`, also for a solution of your own.

use std::process::ExitCode;

use shared::grader::{Connections, Downloader};

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_async-downloader"),
    at_once: 100,
    workers_option: true,
    one_thread: true,
    processes: false,
    connections: Connections::Kept,
    too_few: "does something block the only thread, is each download awaited before the next is \
    started, or is a lock, or every permit, held across an `await`?",
    too_many_connections: "is a new session opened for every page? One for all pages is enough.",
};

fn main() -> ExitCode {
    LESSON.lesson().grade()
}
