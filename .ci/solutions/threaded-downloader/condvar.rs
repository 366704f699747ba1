//! A queue with a condition variable.

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::{BTreeMap, VecDeque};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let queue = Mutex::new((VecDeque::<(usize, &String)>::new(), false));
    let filled = Condvar::new();
    let outcomes: Mutex<BTreeMap<usize, Result<usize>>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let mut state = queue.lock().expect("no panic");
                    while state.0.is_empty() && !state.1 {
                        state = filled.wait(state).expect("no panic");
                    }
                    let Some((index, url)) = state.0.pop_front() else {
                        return;
                    };
                    drop(state);
                    let outcome = fetch_page(&session, url);
                    outcomes.lock().expect("no panic").insert(index, outcome);
                }
            });
        }
        for job in downloads.urls.iter().enumerate() {
            queue.lock().expect("no panic").0.push_back(job);
            filled.notify_one();
        }
        queue.lock().expect("no panic").1 = true;
        filled.notify_all();
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
