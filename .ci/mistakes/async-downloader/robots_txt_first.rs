//! The site is asked for its `robots.txt` before.
//!
//! Expect: which is not in the list

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use tokio::sync::Semaphore;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// The server of an address: `http://127.0.0.1:8000` of `http://127.0.0.1:8000/dice`.
fn server(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    match url[host..].find('/') {
        Some(path) => &url[..host + path],
        None => url,
    }
}

/// Whether a server wants no programs to visit it.
async fn is_closed(session: &Client, server: &str) -> bool {
    let Ok(answer) = session.get(format!("{server}/robots.txt")).send().await else {
        return false;
    };
    let rules = answer.bytes().await.unwrap_or_default();
    let rules = String::from_utf8_lossy(&rules);
    rules.lines().any(|line| line.trim() == "Disallow: /")
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    // A polite program asks first.
    let servers: BTreeSet<&str> = downloads.urls.iter().map(|url| server(url)).collect();
    let mut closed = BTreeSet::new();
    for server in servers {
        if server.starts_with("http") && is_closed(&session, server).await {
            closed.insert(server);
        }
    }
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        if closed.contains(server(url)) {
            return Err(Error::new("its robots.txt wants no programs").tell(url));
        }
        let _permit = permits.acquire().await?;
        fetch_page(&session, url).await
    };
    Ok(join_all(downloads.urls.iter().map(&fetch)).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, start.elapsed()))
}
