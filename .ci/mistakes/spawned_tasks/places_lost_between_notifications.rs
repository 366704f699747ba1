//! A `Notify` keeps one notification, however many pages have come.
//!
//! Expect: are not all places filled again, when several pages come at once?

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::Notify;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let one_done = Arc::new(Notify::new());
    let mut in_flight = 0;
    let mut tasks = Vec::new();
    for url in &downloads.urls {
        if in_flight == downloads.workers {
            one_done.notified().await;
            in_flight -= 1;
        }
        let (session, url, one_done) = (session.clone(), url.clone(), Arc::clone(&one_done));
        in_flight += 1;
        tasks.push(tokio::spawn(async move {
            let outcome = fetch_page(&session, &url).await;
            one_done.notify_one();
            outcome
        }));
    }
    let mut outcomes = Vec::new();
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
