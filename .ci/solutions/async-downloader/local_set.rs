//! Tasks that stay on this thread and share without locks.

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = Rc::new(new_session(downloads.timeout));
    let permits = Rc::new(Semaphore::new(downloads.workers));
    let local = LocalSet::new();
    let fetch = |url: &String| {
        let (session, permits, url) = (Rc::clone(&session), Rc::clone(&permits), url.clone());
        local.spawn_local(async move {
            let _permit = permits.acquire().await?;
            fetch_page(&session, &url).await
        })
    };
    let tasks: Vec<_> = downloads.urls.iter().map(fetch).collect();
    let outcomes = local.run_until(join_all(tasks)).await;
    outcomes.into_iter().map(|outcome| Ok(outcome?)).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
