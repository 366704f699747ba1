//! A stream that puts outcomes in their places, on a runtime that is built by hand.

use futures_util::{StreamExt, stream};
use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::RefCell;
use std::process::ExitCode;
use std::time::Instant;
use tokio::runtime::Builder;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let places = RefCell::new(Vec::new());
    places
        .borrow_mut()
        .resize_with(downloads.urls.len(), || None);
    let (session, places_of) = (&session, &places);
    stream::iter(downloads.urls.iter().enumerate())
        .for_each_concurrent(downloads.workers, |(index, url)| async move {
            let outcome = fetch_page(session, url).await;
            places_of.borrow_mut()[index] = Some(outcome);
        })
        .await;
    Ok(places.into_inner().into_iter().flatten().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let start = Instant::now();
    let outcomes = runtime.block_on(fetch_all(&downloads))?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
