//! After a failure only half as many are in flight.
//!
//! Expect: does a page that fails take the place of others?

use std::process::ExitCode;
use std::time::Instant;

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::task::JoinSet;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let mut limit = downloads.workers;
    let mut tasks = JoinSet::new();
    let mut numbered = Vec::with_capacity(downloads.urls.len());
    let mut waiting = downloads.urls.iter().enumerate();
    loop {
        while tasks.len() < limit
            && let Some((number, url)) = waiting.next()
        {
            let (session, url) = (session.clone(), url.clone());
            tasks.spawn(async move { (number, fetch_page(&session, &url).await) });
        }
        let Some(ended) = tasks.join_next().await else {
            break;
        };
        let (number, outcome) = ended?;
        // A server that is in trouble should not be asked for as much.
        limit = match outcome {
            Ok(_) => (limit + 1).min(downloads.workers),
            Err(_) => (limit / 2).max(1),
        };
        numbered.push((number, outcome));
    }
    numbered.sort_by_key(|(number, _)| *number);
    Ok(numbered.into_iter().map(|(_, outcome)| outcome).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
