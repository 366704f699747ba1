//! Collects the outcomes until none has come for a while.
//!
//! Expect: Or does something still wait when the last page has come?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let urls = Mutex::new(downloads.urls.iter().enumerate());
    let (sender, receiver) = mpsc::channel();
    let mut outcomes = Vec::new();
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            let sender = sender.clone();
            let urls = &urls;
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                loop {
                    let next = urls.lock().unwrap().next();
                    let Some((i, url)) = next else { break };
                    let _ = sender.send((i, fetch_page(&session, url)));
                }
            });
        }
        while let Ok(outcome) = receiver.recv_timeout(Duration::from_millis(500)) {
            outcomes.push(outcome);
        }
    });
    outcomes.sort_by_key(|(i, _)| *i);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
