//! Downloads pages with a pool of threads, over a session for each thread.
use std::cell::OnceCell;
use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Result, Workers, println};
use ureq::Agent;

const WORKERS: Workers = Workers::Default(5);

thread_local! {
    static SESSION: OnceCell<Agent> = const { OnceCell::new() };
}

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Vec<Result<usize>>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let open = || new_session(downloads.timeout);
    let fetch = |url: &String| SESSION.with(|session| fetch_page(session.get_or_init(open), url));
    // Pages are dealt out one by one: a thread that got several at once would keep them
    // waiting while the others have nothing to do.
    Ok(pool.install(|| {
        downloads
            .urls
            .par_iter()
            .with_max_len(1)
            .map(fetch)
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(env!("CARGO_PKG_DESCRIPTION"), WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
