//! An outcome is inserted at its number, or at the end while there are fewer.
//!
//! Expect: are the outcomes in the order of the addresses

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
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
    let outcomes = Mutex::new(Outcomes::new());
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((number, url)) = next else { break };
                    let outcome = fetch_page(&session, url);
                    let mut outcomes = outcomes.lock().unwrap();
                    // `insert` panics beyond the end.
                    let place = number.min(outcomes.len());
                    outcomes.insert(place, outcome);
                }
            });
        }
    });
    Ok(outcomes.into_inner().unwrap())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
