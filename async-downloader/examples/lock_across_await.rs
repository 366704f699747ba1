//! Downloads pages on one thread and adds up their sizes, with a mistake: one waits for another.
//!
//! Run it with `cargo run -p async-downloader --example lock_across_await`; it ends like this:
//!
//! ```text
//! The total is 899360 bytes
//! Fetched 160 pages in 14.25s
//! The site saw at most 1 request at once, over 1 connection
//! ```
//!
//! Lay `async-downloader/examples/lock_across_await_cured.rs` beside it: it locks after the await.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::{Mutex, Semaphore};

const ABOUT: &str = "Downloads pages on one thread and adds up their sizes, with a mistake: a lock is held across an await.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let permits = Semaphore::new(downloads.workers);
    // The standard library's lock would be worse: the second to ask for it would block the only
    // thread, and the first could never give it back.
    let total = Mutex::new(0);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        let mut total = total.lock().await;
        let bytes = fetch_page(&session, url).await?;
        *total += bytes;
        Ok(bytes)
    };
    let outcomes = join_all(downloads.urls.iter().map(fetch)).await;
    println!("The total is {} bytes", total.into_inner());
    Ok(outcomes)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
