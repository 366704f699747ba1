//! A channel of addresses, as long as there are workers, but only one thread reads from it.
//!
//! Expect: is a thread joined before the next is started, or a lock held

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
    let (sender, receiver) = mpsc::sync_channel::<&String>(downloads.workers);
    Ok(thread::scope(|scope| {
        let consumer = scope.spawn(move || {
            let session = new_session(downloads.timeout);
            receiver
                .iter()
                .map(|url| fetch_page(&session, url))
                .collect()
        });
        for url in &downloads.urls {
            sender.send(url).expect("the consumer reads");
        }
        drop(sender);
        consumer.join().expect("no panic")
    }))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
