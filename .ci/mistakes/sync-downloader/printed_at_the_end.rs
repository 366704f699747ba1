//! The lines of the pages are printed when all pages are there.
//!
//! Expect: are the pages printed only when all of them are there?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let fetch = |url: &String| fetch_page(&session, url);
    let outcomes: Outcomes = downloads.urls.iter().map(fetch).collect();
    for (url, outcome) in downloads.urls.iter().zip(&outcomes) {
        if let Ok(size) = outcome {
            println!("Fetched {size} bytes from {url}");
        }
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
