//! Calls two slow functions as two processes: they wait at the same time.
//!
//! Run it with `cargo run -p process-downloader --example two_processes`; either may be first:
//!
//! ```text
//! add_two started at 0.00s
//! subtract_two started at 0.00s
//! ...
//! ```
//!
//! Lay `threaded-downloader/examples/two_threads.rs` beside it: results come over a connection here.

use std::thread;
use std::time::{Duration, SystemTime};

use shared::processes::{ProcessPool, enter_worker};
use shared::{Result, options, println};

const WAIT: Duration = Duration::from_secs(2);

fn add_two(number: i64, start: SystemTime) -> i64 {
    tell("add_two started", start);
    thread::sleep(WAIT);
    tell("add_two ended", start);
    number + 2
}

fn subtract_two(number: i64, start: SystemTime) -> i64 {
    tell("subtract_two started", start);
    thread::sleep(WAIT);
    tell("subtract_two ended", start);
    number - 2
}

fn tell(what: &str, start: SystemTime) {
    println!(
        "{what} at {:.2}s",
        start.elapsed().unwrap_or_default().as_secs_f64()
    );
}

fn call(start: &SystemTime, function: &str) -> Result<i64> {
    match function {
        "add_two" => Ok(add_two(5, *start)),
        _ => Ok(subtract_two(5, *start)),
    }
}

fn main() -> Result<()> {
    // A process is this program, started again; it gets the time, then a function to call. The
    // time is the system's: an `Instant` means nothing to another process.
    enter_worker(|start: SystemTime| start, call);
    options::no_options("Calls two slow functions as two processes: they wait at the same time.");
    let start = SystemTime::now();
    let results = ProcessPool::start(2, &start)?.map(&["add_two", "subtract_two"]);
    let results: Vec<i64> = results.into_iter().collect::<Result<_>>()?;
    println!("5 + 2 = {}, 5 - 2 = {}", results[0], results[1]);
    println!("Completed in {:.2}s", start.elapsed()?.as_secs_f64());
    Ok(())
}
