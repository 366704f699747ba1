//! Threads that own what they use, and are joined.

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let urls = Arc::new(downloads.urls.clone());
    let next = Arc::new(AtomicUsize::new(0));
    let start = |_| {
        let (urls, next, timeout) = (Arc::clone(&urls), Arc::clone(&next), downloads.timeout);
        thread::spawn(move || {
            let session = new_session(timeout);
            let mut fetched = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(url) = urls.get(index) else {
                    return fetched;
                };
                fetched.push((index, fetch_page(&session, url)));
            }
        })
    };
    let threads: Vec<_> = (0..downloads.workers).map(start).collect();
    let mut outcomes = Vec::new();
    for thread in threads {
        outcomes.extend(thread.join().map_err(|_| Error::new("a thread panicked"))?);
    }
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
