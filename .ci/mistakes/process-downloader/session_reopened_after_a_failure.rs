//! A worker opens a new session after every page that failed.
//!
//! Expect: is a new session opened now and then, or after a failure?

use std::cell::RefCell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

struct Worker {
    session: RefCell<Agent>,
    timeout: Duration,
}

fn open(timeout: Duration) -> Worker {
    Worker {
        session: RefCell::new(new_session(timeout)),
        timeout,
    }
}

fn fetch_page(worker: &Worker, url: &str) -> Result<usize> {
    let page = read_page(worker.session.borrow().get(url));
    if page.is_err() {
        // Who knows what state it is in: better begin again with a clean one.
        worker.session.replace(new_session(worker.timeout));
    }
    let page = page?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    Ok(pool.map(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    enter_worker(open, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
