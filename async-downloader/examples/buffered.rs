//! Downloads pages on one thread, as a stream that keeps no more futures than are in flight.
//!
//! Run it with `cargo run -p async-downloader --example buffered`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:36541/jython
//! Fetched 160 pages in 0.19s
//! The site saw at most 100 requests at once, over 100 connections
//! ```
//!
//! Lay `async-downloader/src/main.rs` beside it: `join_all` makes all futures before the first one
//! runs, and a semaphore keeps most of them waiting. This is what one would write in Rust.
//!
//! `/usr/bin/time -f %M` of both with `--release` and `-- --pages 1000000 --latency 0`, on Linux
//! with 2 cores (Intel Xeon, virtual): 201 MB of memory here, 661 MB there, in 40 s each.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::stream::{self, StreamExt};
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};

const ABOUT: &str = "Downloads pages on one thread, as a stream. It makes the future of a page when there is room for it.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let fetch = async |(index, url): (usize, &String)| (index, fetch_page(&session, url).await);
    let mut outcomes: Vec<_> = stream::iter(downloads.urls.iter().enumerate())
        .map(fetch)
        // `buffered` would give them in order, and wait for a slow page with its place taken.
        .buffer_unordered(downloads.workers)
        .collect()
        .await;
    outcomes.sort_unstable_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
