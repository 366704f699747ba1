//! A page is given up by dropping the handle of its task, which goes on.
//!
//! Expect: does a page go on that was given up

use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use tokio::task::JoinSet;
use tokio::time::timeout;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// Gives a page up when its time is over.
async fn fetch_in_time(session: Client, url: String, limit: Duration) -> Result<usize> {
    let address = url.clone();
    let download = tokio::spawn(async move { fetch_page(&session, &address).await });
    match timeout(limit, download).await {
        Ok(done) => done?,
        Err(_) => Err(Error::new("no complete answer within the timeout").tell(&url)),
    }
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    // I look after the timeout myself, see below.
    let session = new_session(Duration::from_secs(24 * 60 * 60));
    let limit = downloads.timeout;
    let mut tasks = JoinSet::new();
    let mut outcomes: Vec<Option<Result<usize>>> = vec![None; downloads.urls.len()];
    for (number, url) in downloads.urls.iter().enumerate() {
        if tasks.len() >= downloads.workers
            && let Some(done) = tasks.join_next().await
        {
            let (number, outcome): (usize, _) = done?;
            outcomes[number] = Some(outcome);
        }
        let (session, url) = (session.clone(), url.clone());
        tasks.spawn(async move { (number, fetch_in_time(session, url, limit).await) });
    }
    while let Some(done) = tasks.join_next().await {
        let (number, outcome) = done?;
        outcomes[number] = Some(outcome);
    }
    Ok(outcomes.into_iter().flatten().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
