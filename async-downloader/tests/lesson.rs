//! The grader of this lesson: `cargo test -p async-downloader`, also for a solution of your own.

use shared::grader::Downloader;

const LESSON: Downloader = Downloader {
    program: env!("CARGO_BIN_EXE_async-downloader"),
    at_once: 100,
    workers_option: true,
    too_few: "does something block the only thread, or is each download awaited before the next is started?",
    too_many_connections: "is a new session opened for every page, instead of one for all?",
};

shared::grade!(Downloader, LESSON);
