//! Shares of equal size: the pages that are left over are lost.
//!
//! Expect: is a part of the list left out, is a page kept for the next time, or does

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
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
    let share = downloads.urls.len() / downloads.workers;
    let fetch_share = &|urls: &[String]| -> Outcomes {
        let session = new_session(downloads.timeout);
        urls.iter().map(|url| fetch_page(&session, url)).collect()
    };
    Ok(thread::scope(|scope| {
        let shares = downloads.urls.chunks_exact(share);
        let threads: Vec<_> = shares
            .map(|urls| scope.spawn(move || fetch_share(urls)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
