//! As many threads as promised, but each ends after a page, with its session.
//!
//! Expect: is a thread started for every page, or a pool made without its number of threads?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
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
    let outcomes: Mutex<BTreeMap<usize, Result<usize>>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no panic").next();
                    let Some((index, url)) = next else { return };
                    let fetch = || fetch_page(&new_session(downloads.timeout), url);
                    let outcome = thread::scope(|scope| scope.spawn(fetch).join());
                    let outcome = outcome.expect("no panic");
                    outcomes.lock().expect("no panic").insert(index, outcome);
                }
            });
        }
    });
    Ok(outcomes
        .into_inner()
        .expect("no panic")
        .into_values()
        .collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
