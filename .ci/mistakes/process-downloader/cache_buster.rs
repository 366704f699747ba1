//! Something is added to every address, so that no cache answers.
//!
//! Expect: is each address used unchanged?

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

/// How many pages this worker has asked for.
static ASKED: AtomicUsize = AtomicUsize::new(0);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    // The same page comes many times: no cache on the way should answer in place of the server.
    let number = ASKED.fetch_add(1, Ordering::Relaxed);
    let sign = if url.contains('?') { '&' } else { '?' };
    let fresh = format!("{url}{sign}nocache={number}");
    let page = read_page(session.get(fresh))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    Ok(pool.map(&downloads.urls))
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
