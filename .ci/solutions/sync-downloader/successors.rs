//! An iterator of its own in a module, and each line told on standard error, too.

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

mod in_turn {
    use super::*;

    pub struct InTurn<'a> {
        pub session: Agent,
        pub urls: std::slice::Iter<'a, String>,
    }

    impl Iterator for InTurn<'_> {
        type Item = Result<usize>;

        fn next(&mut self) -> Option<Self::Item> {
            let url = self.urls.next()?;
            eprintln!("Fetching {url} ...");
            let outcome = fetch_page(&self.session, url);
            eprintln!("Fetched: {}", outcome.is_ok());
            Some(outcome)
        }
    }
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_session(downloads.timeout);
    let urls = downloads.urls.iter();
    Ok(in_turn::InTurn { session, urls }.collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
