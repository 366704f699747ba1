//! Downloads pages with a pool of threads, over one session that keeps too few connections.
//!
//! Run it with `cargo run -p threaded-downloader --example shared_session_default`; it ends like
//! this, with another number of connections every time, now and then with no more than 5:
//!
//! ```text
//! Fetched 160 pages in 2.85s
//! The site saw at most 5 requests at once, over 18 connections
//! ```
//!
//! Lay `threaded-downloader/examples/shared_session.rs` beside it: only the limit differs.

use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a pool of threads, over one session that keeps too few connections for them.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    // ureq keeps 3 idle connections to a host. When more threads than that are between two pages,
    // it closes the others, and has to open new ones for the next pages.
    let session = new_session(downloads.timeout);
    let fetch = |url: &String| fetch_page(&session, url);
    let urls = downloads.urls.par_iter().with_max_len(1);
    Ok(pool.install(|| urls.map(fetch).collect()))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
