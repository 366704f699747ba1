//! Who has fetched a page gives its place back and tells nobody who waits for one.
//!
//! Expect: so the grader stopped it: what does it wait for?

use shared::blocking::{new_session, read_page};
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
    let free = Mutex::new(
        (0..downloads.workers)
            .map(|_| new_session(downloads.timeout))
            .collect::<Vec<_>>(),
    );
    let freed = Condvar::new();
    Ok(thread::scope(|scope| {
        let (free, freed) = (&free, &freed);
        let mut threads = Vec::new();
        for url in &downloads.urls {
            let mut places = free.lock().expect("no panic");
            while places.is_empty() {
                places = freed.wait(places).expect("no panic");
            }
            let session = places.pop().expect("it is not empty");
            drop(places);
            threads.push(scope.spawn(move || {
                let outcome = fetch_page(&session, url);
                free.lock().expect("no panic").push(session);
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
