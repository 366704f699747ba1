//! As many tasks as workers, each of them takes pages from a locked queue and returns what it fetched.

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
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
    let queue: VecDeque<(usize, String)> = downloads.urls.iter().cloned().enumerate().collect();
    let queue = Arc::new(Mutex::new(queue));
    let mut workers = Vec::new();
    for _ in 0..downloads.workers.min(downloads.urls.len()) {
        let (queue, session) = (Arc::clone(&queue), session.clone());
        workers.push(tokio::spawn(async move {
            let mut fetched = Vec::new();
            loop {
                let next = queue.lock().expect("no panic").pop_front();
                let Some((index, url)) = next else {
                    return fetched;
                };
                fetched.push((index, fetch_page(&session, &url).await));
            }
        }));
    }
    let mut outcomes = Vec::new();
    for worker in workers {
        outcomes.append(&mut worker.await?);
    }
    outcomes.sort_unstable_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
