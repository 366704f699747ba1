//! Downloads pages on one thread, with a task for each page that is spawned when another ends.
//!
//! Run it with `cargo run -p async-downloader --example spawned_tasks`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:39021/jython
//! Fetched 160 pages in 0.20s
//! The site saw at most 100 requests at once, over 100 connections
//! ```
//!
//! Lay `async-downloader/src/main.rs` beside it: `join_all` borrows there what a task has to own
//! here, for the runtime may run a task longer than the function that spawned it.

use std::process::ExitCode;
use std::time::Instant;

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::task::JoinSet;

const ABOUT: &str = "Downloads pages on one thread, with a task for each page. As many tasks as there are workers are in flight.";
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
    for (index, url) in downloads.urls.iter().cloned().enumerate() {
        if tasks.len() == downloads.workers
            && let Some(ended) = tasks.join_next().await
        {
            outcomes.push(ended?);
        }
        let session = session.clone();
        tasks.spawn(async move { (index, fetch_page(&session, &url).await) });
    }
    while let Some(ended) = tasks.join_next().await {
        outcomes.push(ended?);
    }
    // Tasks end in an order of their own.
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
