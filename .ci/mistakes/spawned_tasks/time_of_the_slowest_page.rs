//! The time of the summary is that of the slowest page.
//!
//! Expect: is the clock read before the first one begins

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

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

async fn fetch_all(downloads: &Downloads) -> Result<(Outcomes, Duration)> {
    let session = new_session(downloads.timeout);
    let permits = Arc::new(Semaphore::new(downloads.workers));
    let mut tasks = Vec::new();
    for url in &downloads.urls {
        let permit = Arc::clone(&permits).acquire_owned().await?;
        let (session, url) = (session.clone(), url.clone());
        tasks.push(tokio::spawn(async move {
            let _permit = permit;
            let start = Instant::now();
            let outcome = fetch_page(&session, &url).await;
            (outcome, start.elapsed())
        }));
    }
    let mut outcomes = Vec::new();
    let mut longest = Duration::ZERO;
    for task in tasks {
        let (outcome, elapsed) = task.await?;
        outcomes.push(outcome);
        // They run at the same time, so the longest counts.
        longest = longest.max(elapsed);
    }
    Ok((outcomes, longest))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let (outcomes, elapsed) = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, elapsed))
}
