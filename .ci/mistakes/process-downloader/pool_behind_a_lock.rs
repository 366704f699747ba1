//! Threads share the pool behind a lock: one page at a time.
//!
//! Expect: is there one pool, with as many workers as asked for, and does it get all

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
    let pool = Mutex::new(ProcessPool::start(downloads.workers, &downloads.timeout)?);
    let fetch = &|url: &String| -> Result<usize> {
        pool.lock()
            .expect("no panic")
            .map(slice::from_ref(url))
            .remove(0)
    };
    Ok(thread::scope(|scope| {
        let start = |url| scope.spawn(move || fetch(url));
        let threads: Vec<_> = downloads.urls.iter().map(start).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
