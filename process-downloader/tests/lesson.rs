//! The grader of this lesson: `cargo test -p process-downloader`, also for a solution of your own.

use shared::grader::Downloader;

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_process-downloader"),
    at_once: 5,
    workers_option: true,
    too_few: "is each download waiting for the one before?",
    too_many_connections: "is a new session opened for every page, or a new worker started for it, instead of one session for every worker?",
};

shared::grade!(Downloader, LESSON);

#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_fails_only_its_page() {
    shared::grader::workers::a_killed_worker_fails_only_its_page(LESSON.program);
}

#[test]
#[cfg(target_os = "linux")]
fn leaves_nobody_behind() {
    shared::grader::workers::leaves_nobody_behind(LESSON.program);
}
