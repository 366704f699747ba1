//! A flag says that a page has come, however many have.
//!
//! Expect: are not all places filled again, when several pages come at once?

use std::process::ExitCode;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let (one_done, signal) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        let mut in_flight = 0;
        let mut threads = Vec::new();
        for url in &downloads.urls {
            if in_flight == downloads.workers {
                let done = one_done.lock().unwrap();
                *signal.wait_while(done, |done| !*done).unwrap() = false;
                in_flight -= 1;
            }
            in_flight += 1;
            threads.push(scope.spawn(|| {
                let outcome = fetch_page(&session, url);
                *one_done.lock().unwrap() = true;
                signal.notify_one();
                outcome
            }));
        }
        let join = |thread: thread::ScopedJoinHandle<Result<usize>>| thread.join().unwrap();
        Ok(threads.into_iter().map(join).collect())
    })
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
