//! The parent prints the lines, when all pages are there.
//!
//! Expect: are the pages printed only when all of them are there?

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    Ok(read_page(session.get(url))?.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    let outcomes: Outcomes = pool.map(&downloads.urls);
    for (url, outcome) in downloads.urls.iter().zip(&outcomes) {
        if let Ok(size) = outcome {
            println!("Fetched {size} bytes from {url}");
        }
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
