//! All pages are kept until the last has come.
//!
//! Expect: is more kept of a page than its size?

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<Vec<u8>> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page)
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut pages = Vec::new();
    for url in &downloads.urls {
        pages.push(fetch_page(&session, url));
    }
    let sizes = pages.iter().map(|page| match page {
        Ok(page) => Ok(page.len()),
        Err(reason) => Err(reason.clone()),
    });
    Ok(sizes.collect())
}

fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
