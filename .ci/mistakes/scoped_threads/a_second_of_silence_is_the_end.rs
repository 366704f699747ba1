//! When no page has come for a second, nobody waits for the others.
//!
//! Expect: is there another timeout than that of the command line

use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
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
    let mut outcomes = vec![Err(Error::new("no outcome came")); downloads.urls.len()];
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            let sender = sender.clone();
            let queue = &queue;
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                loop {
                    let page = queue.lock().unwrap().next();
                    let Some((number, url)) = page else { break };
                    let outcome = fetch_page(&session, url);
                    sender.send((number, outcome)).expect("the receiver lives");
                }
            });
        }
        drop(sender);
        // A thread that is stuck must not keep us for ever.
        while let Ok((number, outcome)) = receiver.recv_timeout(Duration::from_secs(1)) {
            outcomes[number] = outcome;
        }
    });
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
