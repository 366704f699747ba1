//! No more workers than pages, and their session in a structure.

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

struct Fetcher {
    session: Agent,
    fetched: std::cell::Cell<usize>,
}

impl Fetcher {
    fn new(timeout: Duration) -> Self {
        let session = new_session(timeout);
        let fetched = 0.into();
        Self { session, fetched }
    }

    fn fetch(&self, url: &String) -> Result<usize> {
        self.fetched.set(self.fetched.get() + 1);
        fetch_page(&self.session, url)
    }
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let workers = downloads.workers.min(downloads.urls.len()).max(1);
    let mut pool = ProcessPool::start(workers, &downloads.timeout)?;
    let outcomes = pool.map(&downloads.urls);
    drop(pool);
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    enter_worker(Fetcher::new, Fetcher::fetch);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
