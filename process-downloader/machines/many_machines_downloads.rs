//! Downloads pages with workers on any number of machines, and one limit for all of them:
//! `cargo run -p process-downloader --features machines --example many_machines_downloads`
//! ```text
//! The site saw at most 5 requests at once, over 5 connections
//! ```

use std::process::ExitCode;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull;
use shared::blocking::{new_session, read_page};
use shared::machines::{Part, Queue};
use shared::{Downloads, Result, Workers, println};
use tokio::time;
use ureq::Agent;

const ABOUT: &str = "Downloads pages with workers on any number of machines, and one limit for all of them: the server gives out no more pages at once.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn work(mut queue: Queue) -> Result<()> {
    let mut session = None;
    while let Some(job) = queue.take::<(String, Duration)>().await? {
        let (url, timeout) = job.what.clone();
        let session = session.get_or_insert_with(|| new_session(timeout)).clone();
        let mut fetching = queue.spawn_blocking(move || fetch_page(&session, &url));
        let outcome = loop {
            match time::timeout(Duration::from_secs(1), &mut fetching).await {
                Ok(outcome) => break outcome?,
                Err(_) => job.in_progress().await?,
            }
        };
        queue.put_outcome(&job, outcome).await?;
        job.acknowledge().await?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let (asker, downloads) = match Part::<Downloads>::from_command_line(ABOUT, WORKERS).await? {
        Part::Asker(asker, downloads) => (asker, downloads),
        Part::Worker(worker) => return worker.work(work).await,
    };
    let start = Instant::now();
    let pages = downloads.urls.iter().map(|url| (url, downloads.timeout));
    let rules = pull::Config {
        ack_wait: Duration::from_secs(3),
        max_deliver: 3,
        max_ack_pending: downloads.workers as i64,
        ..pull::Config::default()
    };
    let outcomes = asker.ask(&pages.collect::<Vec<_>>(), rules, work).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
