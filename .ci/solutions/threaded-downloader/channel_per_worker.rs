//! A free worker asks for a page over a channel of its own.

use shared::blocking::{new_session, read_page};
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
    let (free, asking) = mpsc::channel::<(
        mpsc::Sender<(usize, &String)>,
        Option<(usize, Result<usize>)>,
    )>();
    let mut outcomes = BTreeMap::new();
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            let free = free.clone();
            scope.spawn(move || {
                let session = new_session(downloads.timeout);
                let mut done = None;
                loop {
                    let (page, mine) = mpsc::channel();
                    let _ = free.send((page, done));
                    let Ok((index, url)) = mine.recv() else {
                        return;
                    };
                    done = Some((index, fetch_page(&session, url)));
                }
            });
        }
        drop(free);
        let mut pages = downloads.urls.iter().enumerate();
        for (page, done) in asking {
            outcomes.extend(done);
            if let Some(next) = pages.next() {
                let _ = page.send(next);
            }
        }
    });
    Ok(outcomes.into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
