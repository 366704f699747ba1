//! A thread for every page; all but five of them wait for a place.
//!
//! Expect: is a thread started for every page, or a pool made without its number of threads?

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex};
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
    let (places, freed) = (Mutex::new(downloads.workers), Condvar::new());
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let fetch = &|url: &String| {
        let mut left = places.lock().expect("no panic");
        while *left == 0 {
            left = freed.wait(left).expect("no panic");
        }
        *left -= 1;
        drop(left);
        let outcome = fetch_page(&session, url);
        *places.lock().expect("no panic") += 1;
        freed.notify_one();
        outcome
    };
    Ok(thread::scope(|scope| {
        let threads: Vec<_> = downloads
            .urls
            .iter()
            .map(|url| scope.spawn(move || fetch(url)))
            .collect();
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
