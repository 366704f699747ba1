//! The standard library's lock is held across an `await`: whoever asks for it next blocks the thread.
//!
//! Expect: so the grader stopped it: what does it wait for?

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
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
    let permits = Semaphore::new(downloads.workers);
    let total = Mutex::new(0);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        let mut total = total.lock().expect("no panic");
        let bytes = fetch_page(&session, url).await?;
        *total += bytes;
        Ok(bytes)
    };
    Ok(join_all(downloads.urls.iter().map(fetch)).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
