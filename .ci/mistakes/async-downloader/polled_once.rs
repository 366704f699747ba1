//! Each download is polled once, and given up if it is not ready.
//!
//! Expect: does every download wait for its turn and its end?

use futures_util::FutureExt;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let fetch = |url: &String| {
        let outcome = fetch_page(&session, url).now_or_never();
        outcome.unwrap_or_else(|| Err(Error::new("not ready")))
    };
    Ok(downloads.urls.iter().map(fetch).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
