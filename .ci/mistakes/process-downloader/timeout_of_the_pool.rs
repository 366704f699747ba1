//! The sessions have a timeout of their own, and the pool ends a worker that takes longer than asked.
//!
//! Expect: does the session know the timeout of the command line?

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    Ok(pool.map(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    enter_worker(
        |_: Duration| new_session(Duration::from_secs(60)),
        fetch_page,
    );
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
