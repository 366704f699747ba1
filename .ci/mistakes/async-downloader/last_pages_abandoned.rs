//! When the last download has begun, the list of outcomes is returned as it is.
//!
//! Expect: does the program wait for every download

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
    let mut running = FuturesUnordered::new();
    let mut outcomes = Vec::new();
    for page in downloads.urls.iter().enumerate() {
        if running.len() == downloads.workers {
            outcomes.extend(running.next().await);
        }
        running.push(fetch(page));
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
