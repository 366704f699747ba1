//! A loop that says on standard error what it does.

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    eprintln!("Asking for {url}");
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut outcomes = Outcomes::new();
    for (index, url) in downloads.urls.iter().enumerate() {
        eprintln!("Page {} of {}", index + 1, downloads.urls.len());
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
