//! A monitor with a Condvar holds queue and outcomes; the main thread waits on it and prints
//! extra lines of progress while the threads work.

use std::process::ExitCode;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use ureq::Agent;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_page(session: &Agent, url: &str) -> Result<usize> {
    let page = read_page(session.get(url))?;
    println!("Fetched {} bytes from {url}", page.len());
    Ok(page.len())
}

#[derive(Default)]
struct Progress {
    begun: usize,
    ended: usize,
    outcomes: Vec<Option<Result<usize>>>,
}

#[derive(Default)]
struct Monitor {
    progress: Mutex<Progress>,
    page_ended: Condvar,
}

impl Monitor {
    fn for_pages(pages: usize) -> Self {
        let monitor = Self::default();
        monitor.lock().outcomes.resize(pages, None);
        monitor
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("nobody panics in the monitor")
    }

    /// The place of the next page, if there is one.
    fn begin(&self) -> Option<usize> {
        let mut progress = self.lock();
        let place = progress.begun;
        if place == progress.outcomes.len() {
            return None;
        }
        progress.begun += 1;
        Some(place)
    }

    fn end(&self, place: usize, outcome: Result<usize>) {
        let mut progress = self.lock();
        progress.outcomes[place] = Some(outcome);
        progress.ended += 1;
        self.page_ended.notify_one();
    }

    /// Waits until so many pages have ended.
    fn wait_for(&self, pages: usize) {
        let too_few = |progress: &mut Progress| progress.ended < pages;
        drop(self.page_ended.wait_while(self.lock(), too_few));
    }

    fn into_outcomes(self) -> Outcomes {
        let progress = self.progress.into_inner();
        let outcomes = progress.expect("nobody panics in the monitor").outcomes;
        outcomes.into_iter().flatten().collect()
    }
}

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let pages = downloads.urls.len();
    let monitor = Monitor::for_pages(pages);
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                while let Some(place) = monitor.begin() {
                    monitor.end(place, fetch_page(&session, &downloads.urls[place]));
                }
            });
        }
        for quarter in 1..=4 {
            monitor.wait_for((pages * quarter).div_ceil(4));
            println!("-- {} % of the list done", 25 * quarter);
        }
    });
    Ok(monitor.into_outcomes())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
