//! An address that has failed is not asked for again.
//!
//! Expect: is a page not asked for because it has failed before

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::HashMap;
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
    let mut failed = HashMap::new();
    let mut outcomes = Outcomes::new();
    for url in &downloads.urls {
        let known = failed.get(url).cloned();
        let outcome = known.map_or_else(|| fetch_page(&session, url), Err);
        if let Err(error) = &outcome {
            failed.insert(url, error.clone());
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
