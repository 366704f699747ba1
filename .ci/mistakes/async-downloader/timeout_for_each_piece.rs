//! The timeout is one for each piece of a page.
//!
//! Expect: is the timeout one for the whole page, or does it begin again with each piece?

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::new_session;
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str, patience: Duration) -> Result<usize> {
    let mut response = timeout(patience, session.get(url).send())
        .await??
        .error_for_status()?;
    let mut bytes = 0;
    while let Some(piece) = timeout(patience, response.chunk()).await?? {
        bytes += piece.len();
        if bytes > 10_000_000 {
            return Err(Error::new("too large"));
        }
    }
    println!("Fetched {bytes} bytes from {url}");
    Ok(bytes)
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(Duration::from_secs(600));
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        fetch_page(&session, url, downloads.timeout).await
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
