//! A session for every address.
//!
//! Expect: is a new session opened now and then, or one for every address?

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    // A session for every site, so that its connection is still open at the next visit.
    let mut sessions: HashMap<&str, Agent> = HashMap::new();
    let mut outcomes = Vec::new();
    for url in &downloads.urls {
        let session = sessions
            .entry(url)
            .or_insert_with(|| new_session(downloads.timeout));
        outcomes.push(fetch_page(session, url));
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
