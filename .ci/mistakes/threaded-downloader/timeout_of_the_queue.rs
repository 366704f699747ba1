//! The timeout is counted from the start of the program, not of the page.
//!
//! Expect: does the time of a page begin while it still waits for its turn

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let start = Instant::now();
    let work = || {
        let session = new_session(downloads.timeout);
        let mut fetched = Vec::new();
        loop {
            let next = queue.lock().expect("no thread panics with it").next();
            let Some((index, url)) = next else {
                return fetched;
            };
            let page = match start.elapsed() < downloads.timeout {
                true => read_page(session.get(url)),
                false => Err(Error::new("no time is left")),
            };
            if let Ok(page) = &page {
                println!("Fetched {} bytes from {url}", page.len());
            }
            fetched.push((index, page.map(|page| page.len())));
        }
    };
    let join = |thread: thread::ScopedJoinHandle<_>| thread.join().expect("no thread panics");
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..downloads.workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(join).collect()
    });
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
