//! The workers send a failure as if it were a success, so that nobody tells it before the end.
//!
//! Expect: is the error of a page told only when all pages are there?

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

/// An `Error` cannot travel from process to process, but its text can.
type Page = std::result::Result<usize, String>;

fn fetch_page(session: &Agent, url: &str) -> Result<Page> {
    let page = match read_page(session.get(url)) {
        Ok(page) => page,
        Err(error) => return Ok(Err(error.to_string())),
    };
    println!("Fetched {} bytes from {url}", page.len());
    Ok(Ok(page.len()))
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    let pages: Vec<Result<Page>> = pool.map(&downloads.urls);
    let outcomes = pages
        .into_iter()
        .map(|page| page?.map_err(Error::new))
        .collect();
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
