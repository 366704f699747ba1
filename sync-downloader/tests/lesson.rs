//! The grader of this lesson: `cargo test -p sync-downloader`, also for a solution of your own.

use shared::grader::Downloader;

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_sync-downloader"),
    at_once: 1,
    workers_option: false,
    too_few: "is the download ever started?",
    too_many_connections: "is a new session opened for every page?",
};

shared::grade!(Downloader, LESSON);
