//! After the first failure the loop is left, and the other pages have no outcome.
//!
//! Expect: is a page that fails left out, or does it stop the others?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let mut outcomes = Vec::new();
    for url in &downloads.urls {
        let outcome = fetch_page(&session, url);
        let failed = outcome.is_err();
        outcomes.push(outcome);
        if failed {
            break;
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
