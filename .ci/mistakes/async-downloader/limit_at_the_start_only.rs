//! As many downloads as asked for begin; when one has ended, all the others begin.
//!
//! Expect: are only the first downloads limited

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let fetch = async |(index, url): (usize, &String)| (index, fetch_page(&session, url).await);
    let mut waiting = downloads.urls.iter().enumerate().map(fetch);
    let mut running: FuturesUnordered<_> = waiting.by_ref().take(downloads.workers).collect();
    let mut outcomes = Vec::new();
    while let Some(ended) = running.next().await {
        outcomes.push(ended);
        running.extend(waiting.by_ref());
    }
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
