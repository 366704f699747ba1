//! Computes a Fibonacci number several times, on every core of any number of machines.
//!
//! Run it with `cargo run --release -p parallel-cpu --features machines --example many_machines`
//! where `nats-server` is installed; its last lines are like these:
//!
//! ```text
//! 20 jobs by 127.0.0.1/4711
//! fib(35) = 9227465, 20 times
//! Completed in 0.25s
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: the list of the pool has become a queue on a server.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use shared::machines::{Part, Queue};
use shared::{Computations, Result, Workers, fib};
use tokio::{task, time};

const ABOUT: &str = "Computes a Fibonacci number several times, on every core of any number of machines: a server keeps the jobs, and gives one that nobody finishes to another worker.";
const WORKERS: Workers = Workers::EveryCore;

async fn work(mut queue: Queue) -> Result<()> {
    while let Some(job) = queue.take().await? {
        let number = job.what;
        // To compute on this thread would be to say nothing to the server meanwhile.
        let mut computing = task::spawn_blocking(move || fib(number));
        let result = loop {
            match time::timeout(Duration::from_secs(1), &mut computing).await {
                Ok(result) => break result?,
                Err(_) => job.in_progress().await?,
            }
        };
        // In this order a job may be done twice; in the other one it could be lost.
        queue.put_outcome(&job, Ok(result)).await?;
        job.acknowledge().await?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let (asker, computations) =
        match Part::<Computations>::from_command_line(ABOUT, WORKERS).await? {
            Part::Asker(asker, computations) => (asker, computations),
            Part::Worker(worker) => return worker.work(work).await,
        };
    // What the server does with a job that nobody has acknowledged or told of for so long.
    let rules = pull::Config {
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(3),
        max_deliver: 3,
        ..pull::Config::default()
    };
    let start = Instant::now();
    let jobs = vec![computations.number; computations.jobs];
    let outcomes = asker.ask(&jobs, rules, work).await?;
    computations.report_outcomes(&outcomes, start.elapsed())
}
