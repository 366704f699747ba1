//! Downloads pages on one thread with hyper alone: without what reqwest does around it.
//!
//! Run it with `cargo run -p async-downloader --example bare_hyper`; it ends like this:
//!
//! ```text
//! Fetched 10966 bytes from http://127.0.0.1:45217/jython
//! Fetched 160 pages in 0.19s
//! The site saw at most 100 requests at once, over 103 connections
//! ```
//!
//! Lay `async-downloader/src/main.rs` beside it: timeout, status and size are by hand here; https,
//! proxies and redirects are left out, and messages come at the end, less clear. A connection is
//! back a moment too late for the next page: hence a few more than 100.

use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use shared::session::MAX_BODY;
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;
use tokio::time::timeout;

const ABOUT: &str = "Downloads pages on one thread with hyper alone. It knows neither https nor proxies nor redirects, and tells failures at the end, whatever is said below.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client<HttpConnector, Empty<Bytes>>, url: &str) -> Result<usize> {
    let answer = session.get(url.parse()?).await?;
    if !answer.status().is_success() {
        return Err(Error::new(format!("status {}", answer.status())));
    }
    let limited = Limited::new(answer.into_body(), MAX_BODY as usize);
    let body = limited.collect().await;
    let body = body.map_err(|error| Error::new(error.to_string()))?;
    let page = body.to_bytes();
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = Client::builder(TokioExecutor::new()).build_http();
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        timeout(downloads.timeout, fetch_page(&session, url)).await?
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
