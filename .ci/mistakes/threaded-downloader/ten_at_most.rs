//! Never more than ten threads, whatever the command line says.
//!
//! Expect: where does the number of workers come from

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    static SESSION: std::cell::OnceCell<Agent> = const { std::cell::OnceCell::new() };
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers.min(10))
        .build()?;
    let open = || new_session(downloads.timeout);
    let fetch = |url: &String| SESSION.with(|session| fetch_page(session.get_or_init(open), url));
    let urls = downloads.urls.par_iter().with_max_len(1);
    Ok(pool.install(|| urls.map(fetch).collect()))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
