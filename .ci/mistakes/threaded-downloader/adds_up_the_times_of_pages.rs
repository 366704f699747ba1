//! The time of the summary is the sum of those of all pages, many of which came at once.
//!
//! Expect: are the times of pages added up that came at once?

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::blocking::{new_session, read_page};
// This `println!` is like the standard one, but `| head -1` ends it quietly.
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

thread_local! {
    static SESSION: std::cell::OnceCell<Agent> = const { std::cell::OnceCell::new() };
}

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

/// The outcome of a page, and how long it took.
fn timed(downloads: &Downloads, url: &str) -> (Result<usize>, Duration) {
    SESSION.with(|session| {
        let session = session.get_or_init(|| new_session(downloads.timeout));
        let start = Instant::now();
        let outcome = fetch_page(session, url);
        (outcome, start.elapsed())
    })
}

fn fetch_all(downloads: &Downloads) -> Result<(Outcomes, Duration)> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(downloads.workers)
        .build()?;
    let timed: Vec<_> = pool.install(|| {
        downloads
            .urls
            .par_iter()
            .with_max_len(1)
            .map(|url| timed(downloads, url))
            .collect()
    });
    let elapsed = timed.iter().map(|(_, time)| *time).sum();
    let outcomes = timed.into_iter().map(|(outcome, _)| outcome).collect();
    Ok((outcomes, elapsed))
}

fn main() -> Result<ExitCode> {
    // By default the two addresses in turn, 80 times each.
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let (outcomes, elapsed) = fetch_all(&downloads)?;
    // Prints the summary; the status is a failure if any page failed.
    Ok(downloads.report(&outcomes, elapsed))
}
