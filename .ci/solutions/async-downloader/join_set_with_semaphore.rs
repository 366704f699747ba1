//! A `JoinSet` of local tasks that begin with an owned permit, outcomes through a shared list.

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, LocalSet};

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = Rc::new(new_session(downloads.timeout));
    let permits = Arc::new(Semaphore::new(downloads.workers));
    let outcomes = Rc::new(RefCell::new(vec![None; downloads.urls.len()]));
    let local = LocalSet::new();
    local
        .run_until(async {
            let mut tasks = JoinSet::new();
            for (index, url) in downloads.urls.iter().cloned().enumerate() {
                let (session, outcomes) = (session.clone(), outcomes.clone());
                let permit = permits.clone().acquire_owned().await?;
                tasks.spawn_local(async move {
                    let outcome = fetch_page(&session, &url).await;
                    outcomes.borrow_mut()[index] = Some(outcome);
                    drop(permit);
                });
            }
            while let Some(ended) = tasks.join_next().await {
                ended?;
            }
            Result::Ok(())
        })
        .await?;
    Ok(outcomes.take().into_iter().flatten().collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
