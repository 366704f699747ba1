//! A worker whose page fails ends itself.
//!
//! Expect: is the outcome of this page the error that `fetch_page` returned

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_or_end(session: &Agent, url: &String) -> Result<usize> {
    match fetch_page(session, url) {
        Ok(size) => Ok(size),
        Err(_) => std::process::exit(1),
    }
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    Ok(pool.map(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_or_end);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
