//! Downloads pages with a pool of worker processes, over a session for each process.
//!
//! Run it with `cargo run -p process-downloader`; its last lines are like these:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:33101/dice
//! Fetched 160 pages in 2.86s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! Lay `threaded-downloader/src/main.rs` beside it: the model is in `fetch_all`, and in the
//! first line of `main`.

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a pool of worker processes, over a session for each process. They share no memory: one may die, and the others go on.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    // Starts the workers and tells each of them the timeout: `new_session` needs it.
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    // Sends every page to a worker that is free, and puts the outcomes in order.
    Ok(pool.map(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    // A worker is this program, started again: it enters here, opens its session once, and
    // fetches the pages that the pool hands it. It never comes past this line.
    enter_worker(new_session, fetch_page);
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
