//! Every page gets a thread of its own: nothing limits how many there are.
//!
//! Expect: what limits how many downloads are in flight?

use shared::blocking::{new_session, read_page};
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
    Ok(thread::scope(|scope| {
        let mut threads = Vec::new();
        for url in &downloads.urls {
            threads.push(scope.spawn(|| fetch_page(&new_session(downloads.timeout), url)));
        }
        let mut outcomes = Vec::new();
        for thread in threads {
            outcomes.push(thread.join().expect("a download does not panic"));
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
