//! Two loops side by side: two pages are in flight, whatever `--workers` says.
//!
//! Expect: where does the number of workers come from

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use tokio::join;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_each(session: &Client, urls: &[String]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for url in urls {
        outcomes.push(fetch_page(session, url).await);
    }
    outcomes
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let (one, other) = downloads.urls.split_at(downloads.urls.len() / 2);
    let (mut outcomes, rest) = join!(fetch_each(&session, one), fetch_each(&session, other));
    outcomes.extend(rest);
    Ok(outcomes)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
