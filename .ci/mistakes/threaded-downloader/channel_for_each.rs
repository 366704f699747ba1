//! Pages are dealt out in turn to a channel for every thread: fixed shares again.
//!
//! Expect: does a worker get its pages beforehand

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::mpsc;
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
    let (results, collected) = mpsc::channel();
    thread::scope(|scope| {
        let mut queues = Vec::new();
        for _ in 0..downloads.workers {
            let (queue, jobs) = mpsc::channel::<(usize, &String)>();
            let results = results.clone();
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                for (index, url) in jobs {
                    let _ = results.send((index, fetch_page(&session, url)));
                }
            });
            queues.push(queue);
        }
        for (index, url) in downloads.urls.iter().enumerate() {
            let _ = queues[index % downloads.workers].send((index, url));
        }
    });
    drop(results);
    let outcomes: BTreeMap<usize, Result<usize>> = collected.iter().collect();
    Ok(outcomes.into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
