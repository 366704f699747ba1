//! Workers wait for each other after every page.
//!
//! Expect: does the next download wait for the oldest one or for all the others, or did only

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
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
    let barrier = tokio::sync::Barrier::new(downloads.workers);
    let rounds = downloads.urls.len().div_ceil(downloads.workers);
    let work = async |worker: usize| {
        let mut fetched = Vec::new();
        for round in 0..rounds {
            let index = round * downloads.workers + worker;
            if let Some(url) = downloads.urls.get(index) {
                fetched.push((index, fetch_page(&session, url).await));
            }
            barrier.wait().await;
        }
        fetched
    };
    let fetched = join_all((0..downloads.workers).map(work)).await;
    let outcomes: BTreeMap<usize, Result<usize>> = fetched.into_iter().flatten().collect();
    Ok(outcomes.into_values().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
