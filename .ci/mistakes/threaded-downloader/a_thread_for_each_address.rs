//! All pages of one address are fetched by the same thread.
//!
//! Expect: where does the number of workers come from

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut groups: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (index, url) in downloads.urls.iter().enumerate() {
        groups.entry(url).or_default().push(index);
    }
    let mut outcomes: Vec<(usize, Result<usize>)> = thread::scope(|scope| {
        let threads: Vec<_> = groups
            .into_iter()
            .map(|(url, indices)| {
                scope.spawn(move || {
                    let session = new_session(downloads.timeout);
                    let fetch = |index| (index, fetch_page(&session, url));
                    indices.into_iter().map(fetch).collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
