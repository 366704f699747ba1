//! Downloads pages on one thread, and computes for each of them there, too: a mistake.
//!
//! Run it with `cargo run --release -p async-downloader --example download_and_compute_stalled`:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:38139/dice
//! Fetched 160 pages in 1.06s
//! The site saw at most 20 requests at once, over 20 connections
//! ```
//!
//! Lay `async-downloader/examples/download_and_compute.rs` beside it. While the only thread
//! computes here, it reads no answer and asks for no page: the connections are idle.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, fib, println};
use tokio::sync::Semaphore;

const ABOUT: &str = "Downloads pages on one thread, and computes for each of them there, too, a mistake: all others wait for it.";
const WORKERS: Workers = Workers::Default(20);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        let permit = permits.acquire().await?;
        let bytes = fetch_page(&session, url).await?;
        drop(permit);
        // Without an `await` in it nothing else has a turn until it ends.
        fib(32);
        Ok(bytes)
    };
    Ok(join_all(downloads.urls.iter().map(fetch)).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
