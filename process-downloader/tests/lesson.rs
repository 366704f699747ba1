//! The grader of this lesson: `cargo test -p process-downloader`, also for a solution of your own.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
use shared::grader::workers;
use shared::grader::{Connections, Downloader};

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_process-downloader"),
    at_once: 5,
    workers_option: true,
    one_thread: false,
    processes: true,
    connections: Connections::Kept,
    too_few: "is there one pool, with as many workers as asked for, and does it get all pages at \
    once?",
    too_many_connections: "is a new session opened for every page, or a new worker started for \
    it? Each worker needs one session.",
};

/// It takes a right number of workers to tell what became of one.
#[cfg(target_os = "linux")]
const COUNTED: &[&str] = &["obeys_another_number_of_workers"];

fn main() -> ExitCode {
    let lesson = LESSON.lesson();
    #[cfg(target_os = "linux")]
    let lesson = lesson
        .and_after(COUNTED, "a_killed_worker_fails_only_its_page", || {
            workers::a_killed_worker_fails_only_its_page(LESSON.program)
        })
        .and_after(COUNTED, "leaves_nobody_behind", || {
            workers::leaves_nobody_behind(LESSON.program)
        });
    lesson.grade()
}
