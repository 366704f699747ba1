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
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages one after another, over one session. While a page is on its way, nothing else happens.";
const WORKERS: Workers = Workers::One;

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
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
