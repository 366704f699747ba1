//! As many workers as asked for, but never more than the machine has cores.
//!
//! Expect: where does the number of workers come from

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::thread::available_parallelism;
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
    static SESSION: std::cell::OnceCell<Agent> = const { std::cell::OnceCell::new() };
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let cores = available_parallelism()?.get();
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers.min(cores))
        .build()?;
    let open = || new_session(downloads.timeout);
    let urls = downloads.urls.par_iter().with_max_len(1);
    Ok(pool.install(|| {
        urls.map(|url| SESSION.with(|session| fetch_page(session.get_or_init(open), url)))
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
