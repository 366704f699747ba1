//! Downloads pages with a pool of threads that add up their sizes, and lose none.
//!
//! Run it with `cargo run -p threaded-downloader --example lost_updates_cured`; it ends like this:
//!
//! ```text
//! The total is 899360 bytes
//! Fetched 160 pages in 2.86s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! Lay `threaded-downloader/examples/lost_updates.rs` beside it: to read and to write are two steps
//! there. Here they are one, `fetch_add`, with no room for another thread between them.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str =
    "Downloads pages with a pool of threads that add up their sizes, in one step each.";
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
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let total = AtomicUsize::new(0);
    let fetch = |url: &String| {
        let bytes = fetch_page(&session, url)?;
        total.fetch_add(bytes, Ordering::Relaxed);
        Ok(bytes)
    };
    let urls = downloads.urls.par_iter().with_max_len(1);
    let outcomes = pool.install(|| urls.map(fetch).collect());
    println!("The total is {} bytes", total.into_inner());
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
