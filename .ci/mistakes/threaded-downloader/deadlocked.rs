//! Two locks in two orders: the threads wait for each other.
//!
//! Expect: without a word, so the grader stopped it: what does it wait for?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use ureq::Agent;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let done: Mutex<BTreeMap<usize, Result<usize>>> = Mutex::default();
    let work = &|first: bool| {
        let session = new_session(downloads.timeout);
        loop {
            let (mut queue, mut done) = if first {
                let queue = queue.lock().expect("no panic");
                thread::sleep(Duration::from_millis(20));
                (queue, done.lock().expect("no panic"))
            } else {
                let done = done.lock().expect("no panic");
                thread::sleep(Duration::from_millis(20));
                (queue.lock().expect("no panic"), done)
            };
            let Some((index, url)) = queue.next() else {
                return;
            };
            drop(queue);
            done.insert(index, fetch_page(&session, url));
        }
    };
    thread::scope(|scope| {
        for worker in 0..downloads.workers {
            scope.spawn(move || work(worker % 2 == 0));
        }
    });
    Ok(done.into_inner().expect("no panic").into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
