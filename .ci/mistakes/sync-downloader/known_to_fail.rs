//! A page that has failed once counts as failed when it is listed again.
//!
//! Expect: is a page not asked for because it has failed before

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
    let mut failed: Vec<(&String, Error)> = Vec::new();
    let mut outcomes = Outcomes::new();
    for url in &downloads.urls {
        let known = failed.iter().find(|(bad, _)| *bad == url);
        let outcome = match known {
            Some((_, error)) => Err(error.clone()),
            None => fetch_page(&session, url),
        };
        if let Err(error) = &outcome {
            failed.push((url, error.clone()));
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
