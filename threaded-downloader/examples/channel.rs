//! Downloads pages with threads that send them over a channel to one thread, which is slow.
//!
//! Run it with `cargo run -p threaded-downloader --example channel`; it ends like this:
//!
//! ```text
//! Received page 159
//! Fetched 160 pages in 4.12s
//! The site saw at most 5 requests at once, over 5 connections
//! ```
//! The channel has room for 5 pages. When it is full, `send` waits: that is backpressure.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "Downloads pages with threads, and receives them on another, slow one.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let urls = Mutex::new(downloads.urls.iter().enumerate());
    let next = || urls.lock().expect("no panic").next();
    let (sender, receiver) = mpsc::sync_channel(downloads.workers);
    let work = |sender: mpsc::SyncSender<_>| {
        while let Some((index, url)) = next() {
            let _ = sender.send((index, fetch_page(&session, url)));
        }
    };
    let receive = |(index, _): &(usize, Result<usize>)| {
        thread::sleep(Duration::from_millis(25));
        println!("Received page {index}");
    };
    let outcomes: BTreeMap<_, _> = thread::scope(|scope| {
        for sender in vec![sender; downloads.workers] {
            thread::Builder::new().spawn_scoped(scope, || work(sender))?;
        }
        // It ends when every sender is gone.
        Ok::<_, Error>(receiver.iter().inspect(receive).collect())
    })?;
    Ok(outcomes.into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
