//! A page is handed to a thread, and its outcome awaited before the next one.
//!
//! Expect: is a thread joined before the next is started, or a lock held

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
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
    let (queue, jobs) = mpsc::channel::<&String>();
    let jobs = Mutex::new(jobs);
    let (results, collected) = mpsc::channel();
    Ok(thread::scope(|scope| {
        for _ in 0..downloads.workers {
            let (jobs, results) = (&jobs, results.clone());
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                loop {
                    let job = jobs.lock().expect("no panic").recv();
                    let Ok(url) = job else { return };
                    let _ = results.send(fetch_page(&session, url));
                }
            });
        }
        let mut outcomes = Vec::new();
        for url in &downloads.urls {
            let _ = queue.send(url);
            outcomes.extend(collected.recv());
        }
        drop(queue);
        outcomes
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
