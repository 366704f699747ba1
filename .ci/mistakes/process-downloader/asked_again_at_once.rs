//! A page whose worker has died is asked for again at once.
//!
//! Expect: is a page asked for again whose worker has died?

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;
use std::{slice, thread};
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
        let mut pool = ProcessPool::start(1, &downloads.timeout)?;
        let mut fetched = Vec::new();
        loop {
            let next = queue.lock().expect("no thread panics with it").next();
            let Some((index, url)) = next else {
                return Ok(fetched);
            };
            let died = |outcome: &Result<usize>| match outcome {
                Ok(_) => false,
                Err(reason) => reason.to_string().contains("worker process"),
            };
            let mut outcome = pool.map(slice::from_ref(url)).remove(0);
            if died(&outcome) {
                outcome = pool.map(slice::from_ref(url)).remove(0);
            }
            fetched.push((index, outcome));
        }
    };
    let mut outcomes = Vec::new();
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..downloads.workers).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            let fetched: Result<Vec<_>> = thread.join().expect("no panic");
            outcomes.extend(fetched?);
        }
        Ok(())
    })?;
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
