//! Downloads pages with a pool of worker processes that count them, each for itself.
//!
//! Run it with `cargo run -p process-downloader --example own_memory`; it ends like this:
//!
//! ```text
//! Process 22844 counted 32 pages
//! Their parent counted 0 pages
//! Fetched 160 pages in 2.88s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! Lay `process-downloader/src/main.rs` beside it. Threads would share one `COUNT`; every process
//! has its own, and what it knows has to come back with the outcomes.

use std::collections::BTreeMap;
use std::process::{self, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a pool of worker processes that count them, each for itself. What do processes share? Nothing.";
const WORKERS: Workers = Workers::Default(5);
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_and_count(session: &Agent, url: &str) -> Result<(usize, (u32, usize))> {
    let bytes = fetch_page(session, url)?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    Ok((bytes, (process::id(), count)))
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    let outcomes: Vec<Result<(usize, (u32, usize))>> = pool.map(&downloads.urls);
    // Of the counts of a process the last one stays.
    let counts: BTreeMap<_, _> = outcomes.iter().flatten().map(|(_, count)| *count).collect();
    for (id, count) in counts {
        println!("Process {id} counted {count} pages");
    }
    let own = COUNT.load(Ordering::Relaxed);
    println!("Their parent counted {own} pages");
    Ok(outcomes.into_iter().map(|outcome| Ok(outcome?.0)).collect())
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_and_count);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
