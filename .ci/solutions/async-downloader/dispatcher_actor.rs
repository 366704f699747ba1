//! An actor owns the list and the outcomes; lanes hand it their last outcome and ask for the next
//! page by message, and get it over a oneshot.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::{join, join_all};
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use tokio::sync::{mpsc, oneshot};

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// What a lane says: what it has, and where it wants to hear of the next page.
struct Ask {
    finished: Option<(usize, Result<usize>)>,
    reply: oneshot::Sender<(usize, String)>,
}

/// Hands out the pages, and gathers what comes of them.
async fn dispatch(urls: &[String], mut asks: mpsc::Receiver<Ask>) -> Vec<Option<Result<usize>>> {
    let mut outcomes = vec![None; urls.len()];
    let mut left = urls.iter().cloned().enumerate();
    while let Some(Ask { finished, reply }) = asks.recv().await {
        if let Some((index, outcome)) = finished {
            outcomes[index] = Some(outcome);
        }
        if let Some(page) = left.next() {
            // The lane waits for it.
            let _ = reply.send(page);
        }
        // Otherwise the reply is dropped, and that ends the lane.
    }
    outcomes
}

/// Fetches pages until the dispatcher has none left.
async fn lane(session: Client, dispatcher: mpsc::Sender<Ask>) {
    let mut finished = None;
    loop {
        let (reply, page) = oneshot::channel();
        if dispatcher.send(Ask { finished, reply }).await.is_err() {
            return;
        }
        let Ok((index, url)) = page.await else { return };
        finished = Some((index, fetch_page(&session, &url).await));
    }
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let (dispatcher, asks) = mpsc::channel(16);
    let lanes: Vec<_> = (0..downloads.workers)
        .map(|_| lane(session.clone(), dispatcher.clone()))
        .collect();
    // The dispatcher ends when the last lane has dropped its sender.
    drop(dispatcher);
    let (outcomes, _) = join(dispatch(&downloads.urls, asks), join_all(lanes)).await;
    Ok(outcomes.into_iter().flatten().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
