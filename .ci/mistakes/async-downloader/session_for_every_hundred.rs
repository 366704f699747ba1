//! A new session for every hundred pages.
//!
//! Expect: is a new session opened

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let sessions: Vec<Client> = (0..=downloads.urls.len() / 100)
        .map(|_| new_session(downloads.timeout))
        .collect();
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |(index, url): (usize, &String)| {
        let _permit = permits.acquire().await?;
        fetch_page(&sessions[index / 100], url).await
    };
    Ok(join_all(downloads.urls.iter().enumerate().map(fetch)).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
