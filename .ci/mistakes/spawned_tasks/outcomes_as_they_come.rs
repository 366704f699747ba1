//! Tasks end in an order of their own, and nobody puts the outcomes in order.
//!
//! Expect: are the outcomes in the order of the addresses

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use tokio::task::JoinSet;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut tasks = JoinSet::new();
    let mut outcomes = Vec::new();
    for url in downloads.urls.iter().cloned() {
        if tasks.len() == downloads.workers
            && let Some(ended) = tasks.join_next().await
        {
            outcomes.push(ended?);
        }
        let session = session.clone();
        tasks.spawn(async move { fetch_page(&session, &url).await });
    }
    while let Some(ended) = tasks.join_next().await {
        outcomes.push(ended?);
    }
    Ok(outcomes)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
