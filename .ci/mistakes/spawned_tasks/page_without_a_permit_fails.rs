//! Who gets no permit at once does not wait, but fails.
//!
//! Expect: does every download wait for its turn

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let permits = Arc::new(Semaphore::new(downloads.workers));
    let mut tasks = Vec::new();
    for url in downloads.urls.clone() {
        let (session, permits) = (session.clone(), permits.clone());
        tasks.push(tokio::spawn(async move {
            let _permit = permits.try_acquire()?;
            fetch_page(&session, &url).await
        }));
    }
    let mut outcomes = Outcomes::new();
    for task in tasks {
        outcomes.push(task.await?);
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
