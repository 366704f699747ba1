//! A worker ends when the queue is empty for the moment, though more pages will be put into it.
//!
//! Expect: does the program

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
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
    let (queue, jobs) = mpsc::sync_channel::<(usize, &String)>(1);
    let jobs = Mutex::new(jobs);
    let outcomes: Mutex<BTreeMap<usize, Result<usize>>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            let (jobs, outcomes) = (&jobs, &outcomes);
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                loop {
                    let job = jobs.lock().expect("no panic").try_recv();
                    let Ok((index, url)) = job else { return };
                    let outcome = fetch_page(&session, url);
                    outcomes.lock().expect("no panic").insert(index, outcome);
                }
            });
        }
        for job in downloads.urls.iter().enumerate() {
            if queue.try_send(job).is_err() {
                thread::sleep(Duration::from_millis(1));
            }
        }
        drop(queue);
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
