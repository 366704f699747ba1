//! The gate lets right programs compute, and tells what stopped the others.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, thread};

use shared::fib;
use shared::jobs::{Gate, GateSeen, JOB_GATE};

/// Short, as the wrong programs here wait for it.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a program does, which is this file again: in rounds, its workers compute the numbers.
const WORKERS: &str = "GATE_TEST_WORKERS";
const ROUNDS: &str = "GATE_TEST_ROUNDS";

/// The program; without its orders it does nothing, as when it is run as a test.
#[test]
fn program() {
    let Ok(workers) = env::var(WORKERS) else {
        return;
    };
    for round in env::var(ROUNDS).unwrap().split(';') {
        let numbers: Vec<u32> = round
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect();
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..workers.parse().unwrap() {
                scope.spawn(|| {
                    while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                        fib(*number);
                    }
                });
            }
        });
    }
}

fn start(gate: Option<&Gate>, workers: usize, rounds: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "program"]);
    command
        .env(WORKERS, workers.to_string())
        .env(ROUNDS, rounds);
    command.stdout(Stdio::null());
    match gate {
        Some(gate) => command.env(JOB_GATE, gate.address()),
        None => command.env_remove(JOB_GATE),
    };
    command.spawn().unwrap()
}

fn jobs(number: u32, times: usize) -> String {
    vec![number.to_string(); times].join(" ")
}

/// What a gate for four at once, of twenty, sees of such a program.
fn run(workers: usize, rounds: &str) -> GateSeen {
    let gate = Gate::start_patient(4, 20, PATIENCE).unwrap();
    let mut program = start(Some(&gate), workers, rounds);
    assert!(program.wait().unwrap().success());
    settled(&gate)
}

/// The gate hears of the end of a job a little later.
fn settled(gate: &Gate) -> GateSeen {
    loop {
        let seen = gate.seen();
        if seen.jobs.iter().all(|job| job.ended) {
            return seen;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn stopped(seen: &GateSeen) -> Option<(usize, usize, usize)> {
    let stopped = seen.turnstile.stopped.as_ref()?;
    Some((stopped.passed, stopped.waiting, stopped.left))
}

#[test]
fn a_pool_passes_and_its_jobs_are_told() {
    let seen = run(4, &jobs(20, 20));
    assert!(seen.turnstile.is_right(), "{seen:?}");
    assert_eq!((seen.turnstile.most, seen.jobs.len()), (4, 20));
    for job in &seen.jobs {
        assert_eq!(
            (&*job.what, job.returned.as_deref()),
            ("fib(20)", Some("6765"))
        );
    }
}

#[test]
fn a_pool_of_processes_passes() {
    let gate = Gate::start_patient(4, 20, PATIENCE).unwrap();
    // With fixed shares they would stop it, so one has what the others leave over.
    let programs = [(1, 1), (1, 1), (2, 18)]
        .map(|(workers, share)| start(Some(&gate), workers, &jobs(20, share)));
    for mut program in programs {
        assert!(program.wait().unwrap().success());
    }
    let seen = settled(&gate);
    assert_eq!((seen.turnstile.most, seen.jobs.len()), (4, 20), "{seen:?}");
}

#[test]
fn jobs_that_are_not_real_are_told() {
    let seen = run(4, &format!("20 {}", jobs(0, 19)));
    assert!(seen.turnstile.is_right());
    let faked = seen.jobs.iter().filter(|job| job.what == "fib(0)");
    assert_eq!(faked.count(), 19);
}

#[test]
fn one_after_another_is_told() {
    assert_eq!(stopped(&run(1, &jobs(20, 20))), Some((0, 1, 19)));
}

#[test]
fn four_at_once_and_then_one_after_another_are_told() {
    let rounds = [jobs(20, 4), vec!["20"; 16].join(";")].join(";");
    assert_eq!(stopped(&run(4, &rounds)), Some((1, 3, 16)));
}

#[test]
fn rounds_are_told() {
    let rounds = vec![jobs(20, 4); 5].join(";");
    assert_eq!(stopped(&run(4, &rounds)), Some((1, 3, 16)));
}

#[test]
fn one_too_many_is_told() {
    let seen = run(5, &jobs(20, 20));
    assert_eq!((seen.turnstile.most, stopped(&seen)), (5, None));
    assert!(!seen.turnstile.is_right());
}

#[test]
fn without_a_gate_jobs_begin_at_once() {
    assert!(start(None, 4, &jobs(20, 20)).wait().unwrap().success());
}

#[test]
fn a_gate_that_is_dropped_lets_everybody_through() {
    let gate = Gate::start(4, 20).unwrap();
    let mut program = start(Some(&gate), 3, &jobs(20, 3));
    while gate.seen().jobs.len() < 3 {
        thread::sleep(Duration::from_millis(1));
    }
    drop(gate);
    assert!(program.wait().unwrap().success());
}

#[test]
fn a_program_that_is_killed_leaves_the_gate() {
    let gate = Gate::start(4, 20).unwrap();
    let mut program = start(Some(&gate), 3, &jobs(20, 3));
    while gate.seen().jobs.len() < 3 {
        thread::sleep(Duration::from_millis(1));
    }
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(settled(&gate).jobs.iter().all(|job| job.returned.is_none()));
}
