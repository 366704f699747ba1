//! All pages that fail get the error of the first.
//!
//! Expect: does one failure count for other pages, too?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut first: Option<Error> = None;
    let mut outcomes = Outcomes::new();
    for url in &downloads.urls {
        let outcome = fetch_page(&session, url);
        outcomes.push(outcome.map_err(|error| first.get_or_insert(error).clone()));
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
