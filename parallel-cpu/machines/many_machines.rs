//! Computes a Fibonacci number several times, on every core of any number of machines. Lay
//! `parallel-cpu/src/main.rs` beside it: the pool's list of jobs is a queue on a server here.
//!
//! Run it with `cargo run --release -p parallel-cpu --features machines --example many_machines`
//! where `nats-server` is installed; it ends like this:
//!
//! ```text
//! Completed in 0.25s
//! ```

use std::process::ExitCode;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull;
use shared::machines::{Asker, Part, Queue};
use shared::{Computations, Result, Workers, fib};
use tokio::time;

const ABOUT: &str = "Computes a Fibonacci number several times, on every core of any number of machines: a server keeps the jobs, and gives one that nobody finishes to another worker.";
const WORKERS: Workers = Workers::EveryCore;

async fn work(mut queue: Queue) -> Result<()> {
    while let Some(job) = queue.take().await? {
        // To compute on this thread would be to say nothing to the server meanwhile.
        let mut computing = queue.spawn_blocking(move || fib(job.what));
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

async fn compute_all(asker: &Asker, computations: &Computations) -> Result<Vec<Result<u64>>> {
    // A job that nobody acknowledges or tells of for three seconds goes to another worker.
    let rules = pull::Config {
        ack_wait: Duration::from_secs(3),
        max_deliver: 3,
        ..pull::Config::default()
    };
    let jobs = vec![computations.number; computations.jobs];
    asker.ask(&jobs, rules, work).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    match Part::from_command_line(ABOUT, WORKERS).await? {
        Part::Worker(worker) => worker.work(work).await,
        Part::Asker(asker, computations) => {
            let start = Instant::now();
            let outcomes = compute_all(&asker, &computations).await?;
            computations.report_outcomes(&outcomes, start.elapsed())
        }
    }
}
