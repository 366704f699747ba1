//! Every thread has a share, and takes from the others when it is done.

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    let share = downloads.urls.len().div_ceil(downloads.workers);
    let pages: Vec<_> = downloads.urls.iter().enumerate().collect();
    let shares: Vec<_> = pages
        .chunks(share)
        .map(|pages| Mutex::new(VecDeque::from_iter(pages)))
        .collect();
    let worker = AtomicUsize::new(0);
    let work = || {
        let session = new_session(downloads.timeout);
        let mine = worker.fetch_add(1, Ordering::Relaxed);
        let mut fetched = Vec::new();
        loop {
            let order = (0..shares.len()).map(|step| &shares[(mine + step) % shares.len()]);
            let take = |share: &Mutex<VecDeque<_>>| share.lock().expect("no panic").pop_front();
            let Some((index, url)) = order.into_iter().find_map(take) else {
                return fetched;
            };
            fetched.push((*index, fetch_page(&session, url)));
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
