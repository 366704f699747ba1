//! The lines of ten pages are printed together.
//!
//! Expect: are the pages printed only when all of them are there?

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

thread_local! {
    static SESSION: std::cell::OnceCell<Agent> = const { std::cell::OnceCell::new() };
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let open = || new_session(downloads.timeout);
    let lines = Mutex::new(Vec::new());
    let print = |lines: &mut Vec<String>| {
        for line in lines.drain(..) {
            println!("{line}");
        }
    };
    let fetch = |url: &String| {
        let page = SESSION.with(|session| read_page(session.get_or_init(open).get(url)))?;
        let mut lines = lines.lock().expect("no panic");
        lines.push(format!("Fetched {} bytes from {url}", page.len()));
        if lines.len() == 10 {
            print(&mut lines);
        }
        Ok(page.len())
    };
    let urls = downloads.urls.par_iter().with_max_len(1);
    let outcomes = pool.install(|| urls.map(fetch).collect());
    print(&mut lines.lock().expect("no panic"));
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
