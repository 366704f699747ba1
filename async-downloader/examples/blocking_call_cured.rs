//! Downloads pages with a blocking client, each on a thread where blocking does no harm.
//!
//! Run it with `cargo run -p async-downloader --example blocking_call_cured`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:43621/jython
//! Fetched 160 pages in 0.21s
//! The site saw at most 100 requests at once, over 100 connections
//! ```
//!
//! Lay `async-downloader/examples/blocking_call.rs` beside it: `spawn_blocking` is the cure.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use ureq::Agent;

const ABOUT: &str = "Downloads pages with a blocking client, each on a thread where blocking does no harm. The event loop goes on meanwhile.";
const WORKERS: Workers = Workers::Default(100);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        // The thread may outlive this function, so it gets a session and an address to keep.
        let (session, url) = (session.clone(), url.clone());
        spawn_blocking(move || fetch_page(&session, &url)).await?
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
