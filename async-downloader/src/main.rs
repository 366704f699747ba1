//! Downloads pages on one thread, which turns to another page whenever one has to wait.
//!
//! Run it with `cargo run -p async-downloader`; its last lines are like these:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:35465/dice
//! Fetched 160 pages in 0.19s
//! The site saw at most 100 requests at once, over 100 connections
//! ```
//!
//! Lay `sync-downloader/src/main.rs` beside it: the model is in `fetch_all`, and in `await`.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;

const ABOUT: &str = "Downloads pages on one thread, which turns to another page whenever one has to wait. All of them share one session.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        // Waits until fewer than `workers` pages are in flight; dropped at the end, it lets the
        // next one in.
        let _permit = permits.acquire().await?;
        fetch_page(&session, url).await
    };
    // To call `fetch` only makes a future, a download that has not begun; `join_all` runs them.
    Ok(join_all(downloads.urls.iter().map(fetch)).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
