//! Only the first five pages start together, then one comes after another.
//!
//! Expect: does the next download wait for the oldest one or for all the others, or did only

use shared::blocking::{new_shared_session, read_page};
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
    let (first, rest) = downloads
        .urls
        .split_at(downloads.workers.min(downloads.urls.len()));
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let mut outcomes: Outcomes = thread::scope(|scope| {
        let threads: Vec<_> = first
            .iter()
            .map(|url| scope.spawn(|| fetch_page(&session, url)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    outcomes.extend(rest.iter().map(|url| fetch_page(&session, url)));
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
