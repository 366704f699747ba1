//! A page is what one call of `read` brings: of a large one, the first part.
//!
//! Expect: is the page read to its end?

use shared::blocking::new_session;
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::io::Read;
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let mut answer = session.get(url).call()?;
    if !answer.status().is_success() {
        return Err(Error::new(format!("status {}", answer.status())));
    }
    let mut buffer = [0; 65_536];
    let size = answer.body_mut().as_reader().read(&mut buffer)?;
    println!("Fetched {size} bytes from {url}");
    Ok(size)
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
