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
//! Lay `threaded-downloader/src/main.rs` beside it: rayon does there what `fetch_all` does here
//! with the standard library alone.

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let work = || {
        let session = new_session(downloads.timeout);
        let mut fetched = Vec::new();
        loop {
            // In the head of a `while let` the lock would be held until the page is here.
            let next = queue.lock().expect("no thread panics with it").next();
            let Some((index, url)) = next else {
                return fetched;
            };
            fetched.push((index, fetch_page(&session, url)));
        }
    };
    let join = |thread: thread::ScopedJoinHandle<_>| thread.join().expect("no thread panics");
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..downloads.workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(join).collect()
    });
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
