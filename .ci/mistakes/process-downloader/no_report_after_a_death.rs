//! A worker that died ends the program without its summary.
//!
//! Expect: is a worker that died taken for more than the failure of one page?

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
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    let outcomes = pool.map(&downloads.urls);
    // A page may fail, but when a worker has died something is wrong with the program itself.
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        if error.to_string().contains("worker process") {
            return Err(error.clone());
        }
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    // A worker is this program, started again: it never comes past this line.
    enter_worker(new_session, fetch_page);
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
