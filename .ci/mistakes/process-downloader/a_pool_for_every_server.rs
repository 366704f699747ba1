//! A pool for every server of the list, all at the same time.
//!
//! Expect: where does the number of workers come from

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// `127.0.0.1:8000` of `http://127.0.0.1:8000/dice`.
fn server(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or_default()
}

/// Fetches the pages of one server, so that every worker needs one connection only.
fn fetch_from_one(downloads: &Downloads, numbers: &[usize]) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    let urls: Vec<&str> = numbers
        .iter()
        .map(|&number| downloads.urls[number].as_str())
        .collect();
    Ok(pool.map(&urls))
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut servers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, url) in downloads.urls.iter().enumerate() {
        servers.entry(server(url)).or_default().push(number);
    }
    let mut outcomes = BTreeMap::new();
    thread::scope(|scope| {
        let threads: Vec<_> = servers
            .values()
            .map(|numbers| (numbers, scope.spawn(|| fetch_from_one(downloads, numbers))))
            .collect();
        for (numbers, thread) in threads {
            let fetched = thread.join().map_err(|_| Error::new("a pool panicked"))??;
            outcomes.extend(numbers.iter().zip(fetched));
        }
        Ok::<(), Error>(())
    })?;
    Ok(outcomes.into_values().collect())
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_page);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
