//! A blocking `recv` on the only thread: the tasks that would send never run.
//!
//! Expect: without a word, so the grader stopped it: what does it wait for?

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let (sender, receiver) = mpsc::channel();
    for (index, url) in downloads.urls.iter().cloned().enumerate() {
        let (session, sender) = (session.clone(), sender.clone());
        tokio::spawn(async move {
            let _ = sender.send((index, fetch_page(&session, &url).await));
        });
    }
    drop(sender);
    let outcomes: BTreeMap<usize, Result<usize>> = receiver.iter().collect();
    Ok(outcomes.into_values().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
