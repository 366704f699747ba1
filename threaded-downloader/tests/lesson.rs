//! The grader of this lesson: `cargo test -p threaded-downloader`, also for a solution of your own.

use shared::grader::Downloader;

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_threaded-downloader"),
    at_once: 5,
    workers_option: true,
    too_few: "is each download waiting for the one before?",
    too_many_connections: "is a new session opened for every page, instead of one for every thread, or is one session shared by all?",
};

shared::grade!(Downloader, LESSON);
