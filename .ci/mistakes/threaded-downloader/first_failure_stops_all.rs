//! `collect` makes one result of all: the first page that fails is all that is left.
//!
//! Expect: does the first page that fails stop the rest?

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::OnceCell;
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

thread_local! {
    static SESSION: OnceCell<Agent> = const { OnceCell::new() };
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let fetch = |url: &String| {
        SESSION
            .with(|session| fetch_page(session.get_or_init(|| new_session(downloads.timeout)), url))
    };
    let urls = downloads.urls.par_iter().with_max_len(1);
    let sizes: Result<Vec<usize>> = pool.install(|| urls.map(fetch).collect());
    Ok(sizes?.into_iter().map(Ok).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
