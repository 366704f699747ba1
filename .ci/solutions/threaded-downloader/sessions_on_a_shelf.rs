//! A thread for a page, as many at once as asked for, with sessions that are put back on a shelf.

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex};
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
    let open = |_| new_session(downloads.timeout);
    let shelf: Mutex<Vec<Agent>> = Mutex::new((0..downloads.workers).map(open).collect());
    let put_back = Condvar::new();
    Ok(thread::scope(|scope| {
        let mut threads = Vec::new();
        for url in &downloads.urls {
            let session = put_back
                .wait_while(shelf.lock().expect("no panic"), |shelf| shelf.is_empty())
                .expect("no panic")
                .pop()
                .expect("one is there");
            let (shelf, put_back) = (&shelf, &put_back);
            threads.push(scope.spawn(move || {
                let outcome = fetch_page(&session, url);
                shelf.lock().expect("no panic").push(session);
                put_back.notify_one();
                outcome
            }));
        }
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
