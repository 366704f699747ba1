//! A page that is there is noticed only at the next look, a quarter of a second later.
//!
//! Expect: is there a sleep, or a lock that is held for too long?

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};
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
    Ok(thread::scope(|scope| {
        let mut threads: Vec<thread::ScopedJoinHandle<_>> = Vec::new();
        for url in &downloads.urls {
            while threads
                .iter()
                .filter(|thread| !thread.is_finished())
                .count()
                == downloads.workers
            {
                thread::sleep(Duration::from_millis(250));
            }
            threads.push(scope.spawn(|| fetch_page(&session, url)));
        }
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
