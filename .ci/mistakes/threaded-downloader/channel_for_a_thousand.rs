//! The outcomes wait in a channel with room for a thousand, and are read at the end.
//!
//! Expect: a channel that is full, because nobody takes from it before the end?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
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
    let (sender, receiver) = mpsc::sync_channel(1000);
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let Some((index, url)) = queue.lock().expect("no panic").next() else {
                        return;
                    };
                    let outcome = fetch_page(&session, url);
                    sender.send((index, outcome)).expect("it is received");
                }
            });
        }
    });
    drop(sender);
    let lost = || Err(Error::new("lost"));
    let mut outcomes: Outcomes = downloads.urls.iter().map(|_| lost()).collect();
    for (index, outcome) in receiver {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
