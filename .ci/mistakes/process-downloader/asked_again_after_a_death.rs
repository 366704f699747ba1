//! The page that a dead worker held is handed to the pool once more.
//!
//! Expect: is a page asked for again whose worker has died?

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
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
    let mut outcomes: Outcomes = pool.map(&downloads.urls);
    // It is not the page's fault if its worker died.
    for (url, outcome) in downloads.urls.iter().zip(&mut outcomes) {
        let died = |error: &Error| error.to_string().contains("worker process");
        if outcome.as_ref().is_err_and(died) {
            *outcome = pool.map(&[url]).remove(0);
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
