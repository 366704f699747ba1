//! A pool that runs one loop on each of its threads.

use rayon::ThreadPoolBuilder;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
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
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let work = |_: rayon::BroadcastContext<'_>| {
        let session = new_session(downloads.timeout);
        let next = || queue.lock().expect("nothing panics with it").next();
        let fetch = |(index, url): (usize, &String)| (index, fetch_page(&session, url));
        std::iter::from_fn(next).map(fetch).collect::<Vec<_>>()
    };
    let mut outcomes: Vec<_> = pool.broadcast(work).into_iter().flatten().collect();
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
