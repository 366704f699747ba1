//! The main thread reads one outcome for each thread, and not for each page.
//!
//! Expect: does the list of outcomes have one for every page?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
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
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let (sender, receiver) = mpsc::channel();
    let mut outcomes: Vec<(usize, Result<usize>)> = thread::scope(|scope| {
        for _ in 0..downloads.workers {
            let sender = sender.clone();
            let queue = &queue;
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                loop {
                    let Some((index, url)) = queue.lock().expect("no panic").next() else {
                        return;
                    };
                    let _ = sender.send((index, fetch_page(&session, url)));
                }
            });
        }
        receiver.iter().take(downloads.workers).collect()
    });
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
