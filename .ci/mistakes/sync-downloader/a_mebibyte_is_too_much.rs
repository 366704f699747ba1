//! A page of more than a mebibyte is taken for a failure.
//!
//! Expect: is a page that large taken for a failure?

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

/// No page of HTML is larger than that.
const LARGEST: usize = 1024 * 1024;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    if page.len() > LARGEST {
        return Err(Error::new("body larger than 1 MiB").tell(url));
    }
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut outcomes = Vec::with_capacity(downloads.urls.len());
    for url in &downloads.urls {
        outcomes.push(fetch_page(&session, url));
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
