//! The reason of a failure is replaced by a word that says nothing.
//!
//! Expect: is the outcome of this page the error that `fetch_page` returned

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
    let failed = |_| Error::new("failed");
    let fetch = |url: &String| fetch_page(&session, url).map_err(failed);
    Ok(downloads.urls.iter().map(fetch).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
