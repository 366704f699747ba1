//! The size is written into the program.
//!
//! Expect: is that the size of this page, in bytes?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    read_page(session.get(url))?;
    println!("Fetched 10966 bytes from {url}");
    Ok(10966)
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
