//! The clock is stopped when the last address is handed out.
//!
//! Expect: is the clock read before the first one begins, and again when the last has ended?

use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<(Outcomes, Duration)> {
    let start = Instant::now();
    let (sender, receiver) = mpsc::sync_channel(0);
    let queue = Mutex::new(receiver);
    let outcomes = Mutex::new(Vec::new());
    let elapsed = thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let next = queue.lock().unwrap().recv();
                    let Ok((number, url)) = next else { break };
                    let outcome = fetch_page(&session, url);
                    outcomes.lock().unwrap().push((number, outcome));
                }
            });
        }
        // An address is sent when a thread is free for it, so this loop takes all the time.
        for (number, url) in downloads.urls.iter().enumerate() {
            sender.send((number, url)).unwrap();
        }
        drop(sender);
        start.elapsed()
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by_key(|(number, _)| *number);
    let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    Ok((outcomes, elapsed))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let (outcomes, elapsed) = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, elapsed))
}
