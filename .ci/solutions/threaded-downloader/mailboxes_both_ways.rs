//! `thread::spawn` and channels in both directions: a free worker hands in its outcome and its
//! return address, the main thread sends the next page.

use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Error, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

struct Order {
    place: usize,
    url: String,
}

/// A worker that is free: where to send it an order, and what came of the one before.
struct Free {
    mailbox: SyncSender<Order>,
    done: Option<(usize, Result<usize>)>,
}

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

fn worker(office: &Sender<Free>, timeout: Duration) {
    let session = new_session(timeout);
    let mut done = None;
    loop {
        let (mailbox, orders): (_, Receiver<Order>) = mpsc::sync_channel(1);
        if office.send(Free { mailbox, done }).is_err() {
            return;
        }
        // A mailbox that is thrown away means that there is nothing left to do.
        let Ok(Order { place, url }) = orders.recv() else {
            return;
        };
        done = Some((place, fetch_page(&session, &url)));
    }
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let (office, free) = mpsc::channel();
    let timeout = downloads.timeout;
    let threads = (0..downloads.workers)
        .map(|_| {
            let office = office.clone();
            thread::Builder::new().spawn(move || worker(&office, timeout))
        })
        .collect::<std::result::Result<Vec<JoinHandle<()>>, _>>()
        .map_err(|error| Error::from(error).while_doing("cannot start a thread"))?;
    drop(office);

    let mut outcomes: Vec<Option<Result<usize>>> = vec![None; downloads.urls.len()];
    let mut orders = downloads
        .urls
        .iter()
        .cloned()
        .enumerate()
        .map(|(place, url)| Order { place, url });
    for Free { mailbox, done } in free {
        if let Some(order) = orders.next() {
            mailbox.send(order)?;
        }
        if let Some((place, outcome)) = done {
            outcomes[place] = Some(outcome);
        }
    }

    for thread in threads {
        thread
            .join()
            .map_err(|_| Error::new("a thread has panicked"))?;
    }
    outcomes
        .into_iter()
        .map(|outcome| outcome.ok_or_else(|| Error::new("a page was forgotten")))
        .collect()
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
