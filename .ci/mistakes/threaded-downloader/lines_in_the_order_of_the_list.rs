//! The line of a page waits for those of the pages before it.
//!
//! Expect: is the line of a page held back until those before it in the list are there?

use shared::blocking::{new_session, read_page};
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let queue = Mutex::new(downloads.urls.iter().enumerate());
    let outcomes = Mutex::new((BTreeMap::new(), 0));
    thread::scope(|scope| {
        for _ in 0..downloads.workers {
            scope.spawn(|| {
                let session = new_session(downloads.timeout);
                loop {
                    let Some((index, url)) = queue.lock().expect("no panic").next() else {
                        return;
                    };
                    let outcome = read_page(session.get(url)).map(|page| page.len());
                    let mut outcomes = outcomes.lock().expect("no panic");
                    let (came, told) = &mut *outcomes;
                    came.insert(index, outcome);
                    while let Some(outcome) = came.get(told) {
                        if let Ok(bytes) = outcome {
                            println!("Fetched {bytes} bytes from {}", downloads.urls[*told]);
                        }
                        *told += 1;
                    }
                }
            });
        }
    });
    let (came, _) = outcomes.into_inner().expect("no panic");
    Ok(came.into_values().collect())
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
