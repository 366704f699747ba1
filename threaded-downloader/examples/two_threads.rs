//! Calls two slow functions as two threads: they wait at the same time.
//!
//! Run it with `cargo run -p threaded-downloader --example two_threads`; either may be first:
//!
//! ```text
//! add_two started at 0.00s
//! subtract_two started at 0.00s
//! add_two ended at 2.00s
//! subtract_two ended at 2.00s
//! 5 + 2 = 7, 5 - 2 = 3
//! Completed in 2.00s
//! ```
//!
//! Lay `async-downloader/examples/two_tasks.rs` beside it: one thread is enough there, for
//! `await` says where the other function may go on. Here the system switches between them.

use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use shared::{Error, Result, options, println};

const WAIT: Duration = Duration::from_secs(2);

fn add_two(number: i64, start: Instant) -> i64 {
    tell("add_two started", start);
    thread::sleep(WAIT);
    tell("add_two ended", start);
    number + 2
}

fn subtract_two(number: i64, start: Instant) -> i64 {
    tell("subtract_two started", start);
    thread::sleep(WAIT);
    tell("subtract_two ended", start);
    number - 2
}

fn tell(what: &str, start: Instant) {
    println!("{what} at {:.2}s", start.elapsed().as_secs_f64());
}

fn main() -> Result<()> {
    options::no_options("Calls two slow functions as two threads: they wait at the same time.");
    let start = Instant::now();
    // `thread::spawn` would panic if the system had no more threads; this is an error.
    let add = Builder::new().spawn(move || add_two(5, start))?;
    let subtract = Builder::new().spawn(move || subtract_two(5, start))?;
    // Both are under way by now; to join one before the other is started would be a queue.
    let added = add.join().map_err(|_| Error::new("add_two panicked"))?;
    let subtracted = subtract
        .join()
        .map_err(|_| Error::new("subtract_two panicked"))?;
    println!("5 + 2 = {added}, 5 - 2 = {subtracted}");
    println!("Completed in {:.2}s", start.elapsed().as_secs_f64());
    Ok(())
}
