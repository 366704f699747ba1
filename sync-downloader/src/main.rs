//! Downloads pages one after another, over one session.
use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Result, Workers, println};
use ureq::Agent;

const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Vec<Result<usize>>> {
    let session = new_session(downloads.timeout);
    Ok(downloads
        .urls
        .iter()
        .map(|url| fetch_page(&session, url))
        .collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(env!("CARGO_PKG_DESCRIPTION"), WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
