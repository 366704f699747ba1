//! A thread for every ten pages, so that a short list has fewer than asked for.
//!
//! Expect: does their number depend on how long the list is

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

/// It does not pay to start a thread for less.
const PAGES_PER_THREAD: usize = 10;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let useful = downloads.urls.len().div_ceil(PAGES_PER_THREAD);
    let threads = downloads.workers.min(useful);
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let task = queue.lock().unwrap().next();
                    let Some((index, url)) = task else { break };
                    let outcome = fetch_page(&session, url);
                    outcomes.lock().unwrap().push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
