//! Threads in place of processes.
//!
//! Expect: is the work done in the parent instead of the workers?

use shared::blocking::{new_session, read_page};
use shared::processes::enter_worker;
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
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let work = || {
        let session = new_session(downloads.timeout);
        let mut fetched = Vec::new();
        loop {
            let next = queue.lock().expect("no thread panics with it").next();
            let Some((index, url)) = next else {
                return fetched;
            };
            fetched.push((index, fetch_page(&session, url)));
        }
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
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
