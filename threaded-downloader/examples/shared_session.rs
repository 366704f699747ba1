//! Downloads pages with a pool of threads, over one session for all of them.
//!
//! Run it with `cargo run -p threaded-downloader --example shared_session`; it ends like this:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:40447/dice
//! Fetched 160 pages in 2.85s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! Lay `threaded-downloader/src/main.rs` beside it: a session for every thread is a choice there.
//! Threads may share ureq's, for it is `Sync`; otherwise this would not compile.

use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a pool of threads, over one session for all of them. The compiler lets them share it, for it is Sync.";
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
    // Told how many threads share it, the session keeps a connection for each.
    let session = new_shared_session(downloads.timeout, downloads.workers);
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
