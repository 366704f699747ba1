//! Workers start only when there is a page for them, and end one by one.

use shared::blocking::{new_shared_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let session = new_shared_session(downloads.timeout, downloads.workers);
    let (ended, endings) = mpsc::channel();
    let mut outcomes = BTreeMap::new();
    let fetch = &|index: usize, url: &String, ended: mpsc::Sender<_>| {
        let _ = ended.send((index, fetch_page(&session, url)));
    };
    thread::scope(|scope| {
        for (index, url) in downloads.urls.iter().enumerate() {
            if index >= downloads.workers {
                outcomes.extend(endings.recv());
            }
            let ended = ended.clone();
            scope.spawn(move || fetch(index, url, ended));
        }
    });
    drop(ended);
    outcomes.extend(endings);
    Ok(outcomes.into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
