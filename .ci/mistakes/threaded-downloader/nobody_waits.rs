//! Nobody waits for the threads: the program ends before them.
//!
//! Expect: does the program

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
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
    let outcomes: Arc<Mutex<Outcomes>> = Arc::default();
    let urls = Arc::new(Mutex::new(downloads.urls.clone().into_iter()));
    for _ in 0..downloads.workers {
        let (outcomes, urls, timeout) =
            (Arc::clone(&outcomes), Arc::clone(&urls), downloads.timeout);
        thread::spawn(move || {
            let session = new_session(timeout);
            loop {
                let next = urls.lock().expect("no panic").next();
                let Some(url) = next else { return };
                let outcome = fetch_page(&session, &url);
                outcomes.lock().expect("no panic").push(outcome);
            }
        });
    }
    let outcomes = std::mem::take(&mut *outcomes.lock().expect("no panic"));
    Ok(outcomes)
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
