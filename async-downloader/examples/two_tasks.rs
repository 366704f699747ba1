//! Calls two slow functions as two tasks on one thread: they wait at the same time.
//!
//! Run it with `cargo run -p async-downloader --example two_tasks`, in this order:
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
//! Lay `threaded-downloader/examples/two_threads.rs` beside it: with `thread::sleep` in place
//! of tokio's, the second would start when the first has ended.

use std::time::{Duration, Instant};

use shared::{Result, options, println};
use tokio::time::sleep;

const WAIT: Duration = Duration::from_secs(2);

async fn add_two(number: i64, start: Instant) -> i64 {
    tell("add_two started", start);
    sleep(WAIT).await;
    tell("add_two ended", start);
    number + 2
}

async fn subtract_two(number: i64, start: Instant) -> i64 {
    tell("subtract_two started", start);
    sleep(WAIT).await;
    tell("subtract_two ended", start);
    number - 2
}

fn tell(what: &str, start: Instant) {
    println!("{what} at {:.2}s", start.elapsed().as_secs_f64());
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    options::no_options("Calls two slow functions as two tasks: they wait at the same time.");
    let start = Instant::now();
    // A future runs only when it is awaited; a task is a future that the runtime runs by itself.
    let add = tokio::spawn(add_two(5, start));
    let subtract = tokio::spawn(subtract_two(5, start));
    let added = add.await?;
    let subtracted = subtract.await?;
    println!("5 + 2 = {added}, 5 - 2 = {subtracted}");
    println!("Completed in {:.2}s", start.elapsed().as_secs_f64());
    Ok(())
}
