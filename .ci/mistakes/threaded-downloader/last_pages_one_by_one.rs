//! When fewer pages than workers are left, the main thread fetches them alone.
//!
//! Expect: does a worker get its pages beforehand, or wait

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let last = downloads.urls.len() % downloads.workers;
    let (most, last) = downloads.urls.split_at(downloads.urls.len() - last);
    let queue = Mutex::new(most.iter().enumerate());
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let next = queue.lock().expect("no panic").next();
                    let Some((index, url)) = next else {
                        return;
                    };
                    let outcome = fetch_page(&session, url);
                    outcomes.lock().expect("no panic").push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no panic");
    outcomes.sort_by_key(|(index, _)| *index);
    let mut outcomes: Outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    let session = new_session(downloads.timeout);
    for url in last {
        outcomes.push(fetch_page(&session, url));
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
