//! Downloads pages with a new process for every page, several of them at once.
//!
//! Run it with `cargo run -p process-downloader --example process_per_page`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:41985/jython
//! Fetched 160 pages in 2.95s
//! The site saw at most 5 requests at once, over 160 connections
//! ```
//!
//! Lay `process-downloader/src/main.rs` beside it: there five processes live through all pages.

use std::process::ExitCode;
use std::slice;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str =
    "Downloads pages with a new process for every page. What does it save to keep one?";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    // Threads that do nothing but wait, each for the process of its page.
    let waiting = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let fetch = |url: &String| {
        let mut pool = ProcessPool::start(1, &downloads.timeout)?;
        pool.map(slice::from_ref(url)).remove(0)
    };
    let urls = downloads.urls.par_iter().with_max_len(1);
    Ok(waiting.install(|| urls.map(fetch).collect()))
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
