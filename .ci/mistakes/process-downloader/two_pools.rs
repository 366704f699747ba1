//! Two pools, each for a half of the pages.
//!
//! Expect: does a worker get its pages beforehand

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
    let (one, other) = downloads.urls.split_at(downloads.urls.len() / 2);
    let fetch = |urls: &[String], workers: usize| -> Result<Outcomes> {
        Ok(ProcessPool::start(workers, &downloads.timeout)?.map(urls))
    };
    let half = downloads.workers / 2;
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| fetch(one, downloads.workers - half));
        let other = fetch(other, half.max(1));
        (one.join().expect("no panic"), other)
    });
    let mut outcomes = one?;
    outcomes.extend(other?);
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
