//! The parent fetches pages, too: it is the last of the workers.
//!
//! Expect: is the work done in the parent instead of the workers?

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    if downloads.workers == 1 {
        let mut pool = ProcessPool::start(1, &downloads.timeout)?;
        return Ok(pool.map(&downloads.urls));
    }
    let mut pool = ProcessPool::start(downloads.workers - 1, &downloads.timeout)?;
    let share = downloads.urls.len() / downloads.workers;
    let (own, others) = downloads.urls.split_at(share);
    Ok(thread::scope(|scope| {
        let others = scope.spawn(|| -> Outcomes { pool.map(others) });
        let session = new_session(downloads.timeout);
        let mut outcomes: Outcomes = own.iter().map(|url| fetch_page(&session, url)).collect();
        outcomes.extend(others.join().expect("no panic"));
        outcomes
    }))
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
