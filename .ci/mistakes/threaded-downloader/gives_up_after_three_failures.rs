//! After three failures the workers give up, and the other pages count as failed.
//!
//! Expect: is it not even asked for, because others have failed?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    let failures = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    let work = || {
        let session = new_session(downloads.timeout);
        loop {
            let next = queue.lock().expect("no panic").next();
            let Some((index, url)) = next else {
                return;
            };
            let outcome = match failures.load(Ordering::Relaxed) {
                0..3 => fetch_page(&session, url),
                _ => Err(Error::new("too many failures")),
            };
            if outcome.is_err() {
                failures.fetch_add(1, Ordering::Relaxed);
            }
            outcomes.lock().expect("no panic").push((index, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(work);
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no panic");
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
