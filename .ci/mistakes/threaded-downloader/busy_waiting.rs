//! The main thread looks again and again whether a worker is free, instead of waiting.
//!
//! Expect: does it look again and again whether something

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{hint, thread};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let running = AtomicUsize::new(0);
    let session = new_shared_session(downloads.timeout, downloads.workers);
    Ok(thread::scope(|scope| {
        let mut threads = Vec::new();
        for url in &downloads.urls {
            while running.load(Ordering::Acquire) == downloads.workers {
                hint::spin_loop();
            }
            running.fetch_add(1, Ordering::AcqRel);
            threads.push(scope.spawn(|| {
                let outcome = fetch_page(&session, url);
                running.fetch_sub(1, Ordering::AcqRel);
                outcome
            }));
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
