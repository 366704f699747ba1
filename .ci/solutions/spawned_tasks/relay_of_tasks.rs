//! A relay: every task that ends spawns the next page's. Outcomes go into slots, and a channel that
//! nobody holds any more tells the end.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use reqwest::Client;
use shared::nonblocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use tokio::sync::mpsc;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

async fn fetch_page(session: &Client, url: &str) -> Result<usize> {
    let page = read_page(session.get(url)).await?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

struct Relay {
    session: Client,
    urls: Vec<String>,
    next: AtomicUsize,
    outcomes: Vec<OnceLock<Result<usize>>>,
}

/// Held by every task that runs. When the last has ended the receiver hears of it.
type Alive = mpsc::Sender<()>;

/// Passes the baton: spawns the task of the next page, if there is one.
fn pass_on(relay: Arc<Relay>, alive: Alive) {
    let index = relay.next.fetch_add(1, Ordering::Relaxed);
    if index >= relay.urls.len() {
        return;
    }
    tokio::spawn(async move {
        let outcome = fetch_page(&relay.session, &relay.urls[index]).await;
        // It is empty: no other task has got this index.
        let _ = relay.outcomes[index].set(outcome);
        pass_on(relay, alive);
    });
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let relay = Arc::new(Relay {
        session: new_session(downloads.timeout),
        urls: downloads.urls.clone(),
        next: AtomicUsize::new(0),
        outcomes: downloads.urls.iter().map(|_| OnceLock::new()).collect(),
    });
    let (alive, mut ended) = mpsc::channel(1);
    for _ in 0..downloads.workers {
        pass_on(Arc::clone(&relay), alive.clone());
    }
    drop(alive);
    // Nobody ever sends anything: this is the end of all senders.
    ended.recv().await;

    let outcome = |slot: &OnceLock<Result<usize>>| {
        slot.get()
            .cloned()
            .unwrap_or_else(|| Err(Error::new("the task of this page did not end")))
    };
    Ok(relay.outcomes.iter().map(outcome).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
