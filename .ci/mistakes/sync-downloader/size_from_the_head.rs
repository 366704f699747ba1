//! The size is what the head of the answer promises.
//!
//! Expect: is the size taken from a header instead of the page?

use shared::blocking::new_session;
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let promised = session
        .get(url)
        .call()?
        .body()
        .content_length()
        .unwrap_or(0);
    println!("Fetched {promised} bytes from {url}");
    Ok(promised as usize)
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let fetch = |url: &String| fetch_page(&session, url);
    Ok(downloads.urls.iter().map(fetch).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
