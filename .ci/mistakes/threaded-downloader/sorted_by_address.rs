//! Outcomes are sorted by their addresses, and not by their places in the list.
//!
//! Expect: are the outcomes in the order of the addresses

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let queue = Mutex::new(downloads.urls.iter());
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let Some(url) = queue.lock().expect("no panic").next() else {
                        return;
                    };
                    let outcome = fetch_page(&session, url);
                    outcomes.lock().expect("no panic").push((url, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no panic");
    outcomes.sort_by_key(|(url, _)| *url);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
