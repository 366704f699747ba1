//! Named threads that own what they need, and send results over a bounded channel.

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let jobs = Arc::new(Mutex::new(vec![computations.number; computations.jobs]));
    for number in 0..computations.workers {
        let (jobs, sender) = (Arc::clone(&jobs), sender.clone());
        thread::Builder::new()
            .name(format!("computer {number}"))
            .spawn(move || {
                loop {
                    let job = jobs.lock().expect("no panic").pop();
                    let Some(number) = job else { break };
                    if sender.send(fib(number)).is_err() {
                        break;
                    }
                }
            })?;
    }
    drop(sender);
    Ok(receiver.into_iter().collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
