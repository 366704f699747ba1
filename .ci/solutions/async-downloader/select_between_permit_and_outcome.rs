//! One loop selects between a free permit, for which it spawns the next page, and an outcome that
//! came over a channel.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::{Semaphore, mpsc};

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let permits = Arc::new(Semaphore::new(downloads.workers));
    let (sender, mut receiver) = mpsc::unbounded_channel();

    let mut left = downloads.urls.iter().enumerate().peekable();
    let mut outcomes = vec![None; downloads.urls.len()];
    let mut missing = outcomes.len();
    while missing > 0 {
        tokio::select! {
            permit = Arc::clone(&permits).acquire_owned(), if left.peek().is_some() => {
                let permit = permit?;
                if let Some((place, url)) = left.next() {
                    let (session, url, sender) = (session.clone(), url.clone(), sender.clone());
                    tokio::spawn(async move {
                        let outcome = fetch_page(&session, &url).await;
                        drop(permit);
                        let _ = sender.send((place, outcome));
                    });
                }
            }
            // This loop has a sender of its own: there is always another message, or none yet.
            Some((place, outcome)) = receiver.recv() => {
                outcomes[place] = Some(outcome);
                missing -= 1;
            }
        }
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
