//! Tasks in a scope of rayon.

use rayon::ThreadPoolBuilder;
use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::cell::OnceCell;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
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
    let open = &|| new_session(downloads.timeout);
    let fetch = &|url: &String| SESSION.with(|session| fetch_page(session.get_or_init(open), url));
    let outcomes: Vec<OnceLock<Result<usize>>> =
        downloads.urls.iter().map(|_| OnceLock::new()).collect();
    pool.scope(|scope| {
        for (url, outcome) in downloads.urls.iter().zip(&outcomes) {
            scope.spawn(move |_| {
                let _ = outcome.set(fetch(url));
            });
        }
    });
    let outcome = |outcome: OnceLock<_>| outcome.into_inner().expect("the scope has ended");
    Ok(outcomes.into_iter().map(outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
