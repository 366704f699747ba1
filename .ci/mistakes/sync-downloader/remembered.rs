//! A page that was fetched before is taken from memory.
//!
//! Expect: is a part of the list left out, is a page kept for the next time, or does

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
    let mut known: HashMap<&String, usize> = HashMap::new();
    let mut outcomes = Vec::new();
    for url in &downloads.urls {
        let outcome = match known.get(url) {
            Some(size) => {
                println!("Fetched {size} bytes from {url}");
                Ok(*size)
            }
            None => fetch_page(&session, url),
        };
        if let Ok(size) = outcome {
            known.insert(url, size);
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
