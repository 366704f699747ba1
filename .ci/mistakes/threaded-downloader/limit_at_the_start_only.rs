//! As many threads as asked for begin; the first that ends lets all the others in.
//!
//! Expect: are only the first downloads limited

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::mpsc;
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
    let (sender, receiver) = mpsc::channel();
    let start = |index: usize, url: String| {
        let (sender, timeout) = (sender.clone(), downloads.timeout);
        thread::spawn(move || {
            let session = new_session(timeout);
            sender.send((index, fetch_page(&session, &url))).ok();
        });
    };
    let mut waiting = downloads.urls.iter().cloned().enumerate();
    for (index, url) in waiting.by_ref().take(downloads.workers) {
        start(index, url);
    }
    let mut outcomes = Vec::new();
    while outcomes.len() < downloads.urls.len() {
        outcomes.push(receiver.recv().expect("a sender is left"));
        for (index, url) in waiting.by_ref() {
            start(index, url);
        }
    }
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
