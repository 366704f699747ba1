//! One worker process gets the whole list, and fetches it with threads.
//!
//! Expect: who downloads them, processes or threads?

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_list(
    timeout: &Duration,
    job: &(usize, Vec<String>),
) -> Result<Vec<(usize, Option<usize>)>> {
    let (workers, urls) = job;
    let queue = Mutex::new(urls.iter().enumerate());
    let fetched = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..*workers {
            scope.spawn(|| {
                let session = new_session(*timeout);
                loop {
                    let next = queue.lock().expect("no panic").next();
                    let Some((index, url)) = next else {
                        return;
                    };
                    let size = fetch_page(&session, url).ok();
                    fetched.lock().expect("no panic").push((index, size));
                }
            });
        }
    });
    let mut fetched = fetched.into_inner().expect("no panic");
    fetched.sort();
    Ok(fetched)
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(1, &downloads.timeout)?;
    let jobs = [(downloads.workers, downloads.urls.clone())];
    let mut outcomes: Vec<Result<Vec<(usize, Option<usize>)>>> = pool.map(&jobs);
    let fetched = outcomes.remove(0)?;
    let outcome = |(_, size): (usize, Option<usize>)| size.ok_or_else(|| Error::new("failed"));
    Ok(fetched.into_iter().map(outcome).collect())
}

fn main() -> Result<ExitCode> {
    enter_worker(|timeout| timeout, fetch_list);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
