//! The list of outcomes is locked before the page is fetched, not after.
//!
//! Expect: is a thread joined before the next is started, or a lock held

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
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
    let outcomes: Mutex<BTreeMap<usize, Result<usize>>> = Mutex::default();
    let open = || new_session(downloads.timeout);
    let fetch = |url: &String| SESSION.with(|session| fetch_page(session.get_or_init(open), url));
    pool.install(|| {
        downloads
            .urls
            .par_iter()
            .enumerate()
            .with_max_len(1)
            .for_each(|(index, url)| {
                outcomes.lock().expect("no panic").insert(index, fetch(url));
            });
    });
    Ok(outcomes
        .into_inner()
        .expect("no panic")
        .into_values()
        .collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
