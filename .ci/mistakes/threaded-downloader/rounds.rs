//! Rounds: five threads are started and joined, then the next five.
//!
//! Expect: does the next download wait for the oldest one or for all the others, or did only

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let mut outcomes = Vec::new();
    for urls in downloads.urls.chunks(downloads.workers) {
        thread::scope(|scope| {
            let threads: Vec<_> = urls
                .iter()
                .map(|url| scope.spawn(|| fetch_page(&session, url)))
                .collect();
            for thread in threads {
                outcomes.push(thread.join().expect("a download does not panic"));
            }
        });
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
