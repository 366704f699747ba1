//! A job is four pages: a worker has them all before the others get one.
//!
//! Expect: does a worker get its pages beforehand

use shared::blocking::{new_session, read_page};
use shared::processes::{ProcessPool, enter_worker};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_four(session: &Agent, urls: &Vec<String>) -> Result<Vec<Option<usize>>> {
    Ok(urls
        .iter()
        .map(|url| fetch_page(session, url).ok())
        .collect())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    let jobs: Vec<Vec<String>> = downloads.urls.chunks(4).map(<[_]>::to_vec).collect();
    let fetched: Vec<Result<Vec<Option<usize>>>> = pool.map(&jobs);
    let mut outcomes = Outcomes::new();
    for four in fetched {
        for size in four? {
            outcomes.push(size.ok_or_else(|| Error::new("failed")));
        }
    }
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    enter_worker(new_session, fetch_four);
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
