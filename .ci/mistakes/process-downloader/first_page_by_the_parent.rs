//! The parent fetches the first page, to see whether the server is there.
//!
//! Expect: is the work done in the parent instead of the workers?

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let Some((first, others)) = downloads.urls.split_first() else {
        return Ok(Vec::new());
    };
    // See whether the server is there before starting all the processes.
    let mut outcomes = vec![fetch_page(&new_session(downloads.timeout), first)];
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    outcomes.extend(pool.map(others));
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
