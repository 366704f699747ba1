//! Downloads pages with threads that take them from a shared queue: what a pool of threads is.
//!
//! Run it with `cargo run -p threaded-downloader --example scoped_threads`; it ends like this:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:41021/dice
//! Fetched 160 pages in 2.85s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! Lay `threaded-downloader/src/main.rs` beside it: rayon does there what `fetch_all` does here.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with threads of the standard library, which take them from a shared queue. A pool is no more than that.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let outcomes = Mutex::new(BTreeMap::new());
    let work = || {
        let session = new_session(downloads.timeout);
        loop {
            // In the head of a `while let` the lock would be held until the page is here.
            let next = queue.lock().expect("no thread panics with it").next();
            let Some((index, url)) = next else { break };
            let outcome = fetch_page(&session, url);
            outcomes.lock().expect("no panic").insert(index, outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            // `scope.spawn` would panic where the system has no more threads.
            thread::Builder::new().spawn_scoped(scope, work)?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(outcomes.into_inner()?.into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
