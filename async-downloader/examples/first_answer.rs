//! Asks for every page in two places at once, takes the first answer, and drops the other request.
//!
//! Run it with `cargo run -p async-downloader --example first_answer`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:36541/jython
//! Fetched 160 pages in 0.21s
//! The site saw at most 200 requests at once, over 278 connections; 160 requests were abandoned
//! ```
//!
//! To drop a future is to cancel it, at the `.await` where it waits. A thread that waits for an
//! answer cannot be stopped like that.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::{Client, Url};
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;

const ABOUT: &str = "Asks for every page in two places at once, one of which never answers, takes the first answer, and drops the other request.";
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
        let _permit = permits.acquire().await?;
        let second_place = Url::parse(url)?.join("/hang")?;
        tokio::select! {
            page = fetch_page(&session, url) => page,
            page = fetch_page(&session, second_place.as_str()) => page,
        }
    };
    let outcomes = join_all(downloads.urls.iter().map(fetch)).await;
    // A connection is a task, too: in its next turn it sees that nobody waits for its answer.
    tokio::task::yield_now().await;
    Ok(outcomes)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
