//! A loop that waits for whatever comes first, a place or a page.

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut tasks = JoinSet::new();
    let permits = Arc::new(Semaphore::new(downloads.workers));
    let mut pages = downloads.urls.iter().cloned().enumerate().peekable();
    let mut outcomes = BTreeMap::new();
    loop {
        tokio::select! {
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                let (index, outcome) = ended?;
                outcomes.insert(index, outcome);
            }
            permit = Arc::clone(&permits).acquire_owned(), if pages.peek().is_some() => {
                let (permit, session) = (permit?, session.clone());
                if let Some((index, url)) = pages.next() {
                    tasks.spawn(async move {
                        let _permit = permit;
                        (index, fetch_page(&session, &url).await)
                    });
                }
            }
            else => return Ok(outcomes.into_values().collect()),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
