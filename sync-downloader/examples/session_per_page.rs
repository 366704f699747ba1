//! Downloads pages one after another, over a new session for every page.
//!
//! Run it with `cargo run -p sync-downloader --example session_per_page`; it ends like this:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:40867/dice
//! Fetched 160 pages in 14.26s
//! The site saw at most 1 request at once, over 160 connections
//! ```
//!
//! Lay `sync-downloader/src/main.rs` beside it: there the session is opened once, before the
//! first page, and all pages come over one connection.

use std::process::ExitCode;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages one after another, over a new session for every page. What does it save to keep one?";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    // A session closes its connection when it is dropped: here, after its only page.
    let fetch = |url: &String| fetch_page(&new_session(downloads.timeout), url);
    Ok(downloads.urls.iter().map(fetch).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
