//! The parent downloads everything itself.
//!
//! Expect: is the work done in the parent instead of the workers?

use shared::blocking::{new_session, read_page};
use shared::processes::enter_worker;
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let fetch = |url: &String| fetch_page(&session, url);
    Ok(downloads.urls.iter().map(fetch).collect())
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
