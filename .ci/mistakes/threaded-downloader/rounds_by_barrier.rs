//! Threads wait for each other after every page.
//!
//! Expect: does the next download wait for the oldest one or for all the others, or did only

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Barrier, Mutex};
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
    let (queue, barrier) = (
        Mutex::new(downloads.urls.iter().enumerate()),
        Barrier::new(downloads.workers),
    );
    let rounds = downloads.urls.len().div_ceil(downloads.workers);
    let work = || {
        let session = new_session(downloads.timeout);
        let mut fetched = Vec::new();
        for _ in 0..rounds {
            let next = queue.lock().expect("no thread panics with it").next();
            if let Some((index, url)) = next {
                fetched.push((index, fetch_page(&session, url)));
            }
            barrier.wait();
        }
        fetched
    };
    let join = |thread: thread::ScopedJoinHandle<_>| thread.join().expect("no thread panics");
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..downloads.workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(join).collect()
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
