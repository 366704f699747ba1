//! Ten pages are awaited together, and a tenth as many of such tens are in flight.
//!
//! Expect: does the next download wait for the oldest one or for all the others, or did only

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
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
    let size = downloads.workers.min(10);
    let fetch = async |(index, url): (usize, &String)| (index, fetch_page(&session, url).await);
    let indexed: Vec<(usize, &String)> = downloads.urls.iter().enumerate().collect();
    let tens = indexed
        .chunks(size)
        .map(|ten| join_all(ten.iter().copied().map(fetch)));
    let mut outcomes = stream::iter(tens)
        .buffer_unordered(downloads.workers / size)
        .collect::<Vec<_>>()
        .await
        .concat();
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
