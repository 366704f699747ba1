//! Boxed futures that carry their index, in a `FuturesUnordered` that is refilled; a map keeps the order.

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let begin = |(index, url)| -> BoxFuture<'_, (usize, Result<usize>)> {
        fetch_page(&session, url)
            .map(move |outcome| (index, outcome))
            .boxed()
    };
    let mut waiting = downloads
        .urls
        .iter()
        .map(String::as_str)
        .enumerate()
        .rev()
        .collect::<Vec<_>>();
    let mut in_flight = FuturesUnordered::new();
    let mut outcomes = BTreeMap::new();
    loop {
        while in_flight.len() < downloads.workers {
            let Some(page) = waiting.pop() else { break };
            in_flight.push(begin(page));
        }
        let Some((index, outcome)) = in_flight.next().await else {
            break;
        };
        outcomes.insert(index, outcome);
    }
    Ok(outcomes.into_values().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
