//! As many futures as workers, which take pages from one iterator.

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::ExitCode;
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
    let pages = RefCell::new(downloads.urls.iter().enumerate());
    let outcomes = RefCell::new(BTreeMap::new());
    let work = async || {
        loop {
            let next = pages.borrow_mut().next();
            let Some((index, url)) = next else { return };
            let outcome = fetch_page(&session, url).await;
            outcomes.borrow_mut().insert(index, outcome);
        }
    };
    join_all((0..downloads.workers).map(|_| work())).await;
    Ok(outcomes.into_inner().into_values().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
