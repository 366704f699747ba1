//! Each half of the pages has half of the permits: one half is done first, and its permits rest.
//!
//! Expect: does a worker get its pages beforehand

use futures_util::future::{join, join_all};
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use tokio::sync::Semaphore;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_each(session: &Client, urls: &[String], at_once: usize) -> Outcomes {
    let permits = Semaphore::new(at_once);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        fetch_page(session, url).await
    };
    join_all(urls.iter().map(fetch)).await
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let (one, other) = downloads.urls.split_at(downloads.urls.len() / 2);
    let half = downloads.workers / 2;
    let one = fetch_each(&session, one, half);
    let other = fetch_each(&session, other, downloads.workers - half);
    let (mut outcomes, rest) = join(one, other).await;
    outcomes.extend(rest);
    Ok(outcomes)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
