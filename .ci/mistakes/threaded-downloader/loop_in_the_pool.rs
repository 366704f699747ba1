//! A loop inside the pool: all but one of its threads have nothing to do.
//!
//! Expect: is a thread joined before the next is started, or a lock held

use rayon::ThreadPoolBuilder;
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
    let open = || new_session(downloads.timeout);
    let fetch = |url: &String| SESSION.with(|session| fetch_page(session.get_or_init(open), url));
    Ok(pool.install(|| downloads.urls.iter().map(fetch).collect()))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
