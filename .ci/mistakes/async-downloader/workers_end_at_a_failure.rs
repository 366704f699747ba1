//! A worker whose page fails ends, and the others do its work.
//!
//! Expect: does a worker end when its page fails

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::RefCell;
use std::process::ExitCode;
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
    let queue = RefCell::new(downloads.urls.iter().enumerate());
    let outcomes: Vec<_> = downloads.urls.iter().map(|_| Ok(0)).collect();
    let outcomes = RefCell::new(outcomes);
    let work = async |_| {
        loop {
            let next = queue.borrow_mut().next();
            let Some((index, url)) = next else {
                return;
            };
            let outcome = fetch_page(&session, url).await;
            let failed = outcome.is_err();
            outcomes.borrow_mut()[index] = outcome;
            if failed {
                return;
            }
        }
    };
    join_all((0..downloads.workers).map(work)).await;
    Ok(outcomes.into_inner())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
