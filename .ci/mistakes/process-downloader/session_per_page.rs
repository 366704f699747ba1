//! A worker opens a session for every page.
//!
//! Expect: is a new session opened for every page

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

fn fetch_alone(timeout: &Duration, url: &str) -> Result<usize> {
    fetch_page(&new_session(*timeout), url)
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    Ok(pool.map(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    enter_worker(|timeout: Duration| timeout, fetch_alone);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
