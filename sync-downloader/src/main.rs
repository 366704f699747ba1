//! Downloads pages one after another, over one session.
//!
//! Run it with `cargo run -p sync-downloader`; its last lines are like these:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:43375/dice
//! Fetched 160 pages in 14.22s
//! The site saw at most 1 request at once, over 1 connection
//! ```
//!
//! Lay `threaded-downloader/src/main.rs` beside it: the model is in `fetch_all`.

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
    let fetch = |url: &String| fetch_page(&session, url);
    Ok(downloads.urls.iter().map(fetch).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(env!("CARGO_PKG_DESCRIPTION"), WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
