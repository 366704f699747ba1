//! A pause after every page that failed.
//!
//! Expect: does it pause after a failure?

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// What a server gets to recover in.
const RECOVERY: Duration = Duration::from_millis(300);

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut outcomes = Vec::new();
    for url in &downloads.urls {
        let outcome = fetch_page(&session, url);
        if outcome.is_err() {
            thread::sleep(RECOVERY);
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
