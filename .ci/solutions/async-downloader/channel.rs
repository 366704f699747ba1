//! Workers send their outcomes over an async channel.

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let (sender, mut receiver) = tokio::sync::mpsc::channel(downloads.workers);
    let next = Arc::new(AtomicUsize::new(0));
    let urls: Arc<[String]> = downloads.urls.clone().into();
    for _ in 0..downloads.workers {
        let (sender, next, urls, session) = (
            sender.clone(),
            Arc::clone(&next),
            Arc::clone(&urls),
            session.clone(),
        );
        tokio::spawn(async move {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(url) = urls.get(index) else { return };
                let outcome = fetch_page(&session, url).await;
                let _ = sender.send((index, outcome)).await;
            }
        });
    }
    drop(sender);
    let mut outcomes = BTreeMap::new();
    while let Some((index, outcome)) = receiver.recv().await {
        outcomes.insert(index, outcome);
    }
    Ok(outcomes.into_values().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
