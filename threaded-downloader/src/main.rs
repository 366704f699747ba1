//! Downloads pages with a pool of threads, over a session for each thread.
//!
//! Run it with `cargo run -p threaded-downloader`; its last lines are like these:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:42637/jython
//! Fetched 160 pages in 2.85s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//!
//! Lay `sync-downloader/src/main.rs` beside it: the model is in `fetch_all`.

use std::cell::OnceCell;
use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a pool of threads, over a session for each thread. While one thread waits for its page, the others wait for theirs.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

// What `threading.local()` is in Python: a cell for every thread, empty (that is `const { … }`)
// until the thread fetches its first page.
thread_local! {
    static SESSION: OnceCell<Agent> = const { OnceCell::new() };
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let open = || new_session(downloads.timeout);
    // `with` lends a thread its own cell; `get_or_init` opens a session if that is still empty.
    let fetch = |url: &String| SESSION.with(|session| fetch_page(session.get_or_init(open), url));
    // One page at a time: a thread that took several would keep the last ones waiting while
    // other threads have nothing left to do.
    let urls = downloads.urls.par_iter().with_max_len(1);
    // `install` runs the parallel `map` on the threads of this pool.
    Ok(pool.install(|| urls.map(fetch).collect()))
}

fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
