//! Pages are joined in pairs, and if one fails, so does the other.
//!
//! Expect: does one failure count for other pages, too?

use futures_util::future::{join_all, try_join};
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
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
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        fetch_page(&session, url).await
    };
    let pair = async |urls: &[String]| match urls {
        [one, other] => match try_join(fetch(one), fetch(other)).await {
            Ok((one, other)) => vec![Ok(one), Ok(other)],
            Err(error) => vec![Err(error.clone()), Err(error)],
        },
        _ => vec![fetch(&urls[0]).await],
    };
    Ok(join_all(downloads.urls.chunks(2).map(pair)).await.concat())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
