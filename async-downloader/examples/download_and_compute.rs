//! Downloads pages on one thread, and computes for each of them on a thread for every core.
//!
//! Run it with `cargo run --release -p async-downloader --example download_and_compute`:
//!
//! ```text
//! Fetched 276 bytes from http://127.0.0.1:38139/dice
//! Fetched 160 pages in 0.78s
//! The site saw at most 20 requests at once, over 20 connections
//! ```
//! Lay `async-downloader/examples/download_and_compute_stalled.rs` beside it.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use rayon::{ThreadPool, ThreadPoolBuilder};
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, fib, println};
use tokio::sync::{Semaphore, oneshot};

const ABOUT: &str = "Downloads pages on one thread, and computes for each of them on a thread for every core. Cores and waits overlap.";
const WORKERS: Workers = Workers::Default(20);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn compute(pool: &ThreadPool) -> Result<u64> {
    let (sender, receiver) = oneshot::channel();
    // Nobody receives if the download was dropped meanwhile.
    pool.spawn(|| {
        let _ = sender.send(fib(32));
    });
    Ok(receiver.await?)
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let permits = Semaphore::new(downloads.workers);
    let pool = ThreadPoolBuilder::new().build()?;
    let fetch = async |url: &String| {
        let permit = permits.acquire().await?;
        let bytes = fetch_page(&session, url).await?;
        drop(permit);
        compute(&pool).await?;
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
