//! When all workers are busy, the program waits for the oldest thread.
//!
//! Expect: does the next download wait for the oldest one or for all the others, or did only

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::VecDeque;
use std::process::ExitCode;
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
    Ok(thread::scope(|scope| {
        let mut running = VecDeque::new();
        let mut sessions = Vec::new();
        let mut outcomes = Outcomes::new();
        for url in &downloads.urls {
            if running.len() == downloads.workers {
                let oldest: thread::ScopedJoinHandle<(Agent, Result<usize>)> =
                    running.pop_front().expect("it has some");
                let (session, outcome) = oldest.join().expect("no panic");
                sessions.push(session);
                outcomes.push(outcome);
            }
            let session = sessions
                .pop()
                .unwrap_or_else(|| new_session(downloads.timeout));
            running.push_back(scope.spawn(move || {
                let outcome = fetch_page(&session, url);
                (session, outcome)
            }));
        }
        for thread in running {
            outcomes.push(thread.join().expect("no panic").1);
        }
        outcomes
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
