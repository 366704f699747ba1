//! Downloads pages on one thread with a mistake: every download blocks it.
//!
//! Run it with `cargo run -p async-downloader --example blocking_call`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:44377/jython
//! Fetched 160 pages in 14.25s
//! The site saw at most 1 request at once, over 1 connection
//! ```
//!
//! Lay `async-downloader/examples/blocking_call_cured.rs` beside it: the download is no
//! `async fn` there, and `fetch_all` hands it to a thread that may wait.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;
use ureq::Agent;

const ABOUT: &str = "Downloads pages on one thread, with a mistake: while it waits for one page, no other is in flight.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    // ureq waits right here. Without an `await` the other downloads never get their turn.
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        fetch_page(&session, url).await
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
