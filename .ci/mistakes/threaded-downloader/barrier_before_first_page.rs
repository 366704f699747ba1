//! Threads with a page wait at a barrier for all workers; those without one never come there.
//!
//! Expect: does it wait for more workers, or more pages, than there are?

use std::process::ExitCode;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
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
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let outcomes: Vec<Mutex<Option<Result<usize>>>> =
        downloads.urls.iter().map(|_| Mutex::new(None)).collect();
    // All threads begin at the same time, or the comparison would not be fair.
    let ready = Barrier::new(downloads.workers);
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                let mut task = queue.lock().unwrap().next();
                if task.is_some() {
                    ready.wait();
                }
                while let Some((index, url)) = task {
                    let outcome = fetch_page(&session, url);
                    *outcomes[index].lock().unwrap() = Some(outcome);
                    task = queue.lock().unwrap().next();
                }
            });
        }
    });
    let outcomes = outcomes.into_iter();
    Ok(outcomes
        .map(|outcome| outcome.into_inner().unwrap().expect("every page has one"))
        .collect())
}

fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
