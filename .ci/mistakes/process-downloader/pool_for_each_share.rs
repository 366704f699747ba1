//! Each worker has a pool of its own, and gets its share of the pages beforehand.
//!
//! Expect: does a worker get its pages beforehand

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
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
    let share = downloads.urls.len().div_ceil(downloads.workers);
    let fetch = &|urls: &[String]| -> Result<Outcomes> {
        let mut pool = ProcessPool::start(1, &downloads.timeout)?;
        Ok(pool.map(urls))
    };
    let shares: Result<Vec<Outcomes>> = thread::scope(|scope| {
        let shares = downloads.urls.chunks(share);
        let threads: Vec<_> = shares
            .map(|urls| scope.spawn(move || fetch(urls)))
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("no panic");
        threads.into_iter().map(join).collect()
    });
    Ok(shares?.into_iter().flatten().collect())
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
