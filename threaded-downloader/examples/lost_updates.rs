//! Downloads pages with a pool of threads that add up their sizes, with a mistake.
//!
//! Run it with `cargo run -p threaded-downloader --example lost_updates`; it ends like this:
//!
//! ```text
//! The total is 180704 bytes
//! Fetched 160 pages in 2.86s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! 899360 bytes were fetched. Lay `threaded-downloader/examples/lost_updates_cured.rs` beside it.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a pool of threads that add up their sizes, with a mistake: most of them are lost.";
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
        // What the other threads add between this line and the last but one is overwritten.
        let before = total.load(Ordering::Relaxed);
        let bytes = fetch_page(&session, url)?;
        total.store(before + bytes, Ordering::Relaxed);
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
