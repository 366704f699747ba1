//! Workers that are stopped or killed, and a system that has none.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs, thread};

use shared::Result;

use crate::parent::STARTING;
use crate::worker::{map, signal, start};

pub fn an_idle_worker_that_is_stopped_holds_nobody_up() {
    if !cfg!(unix) {
        return;
    }
    let mut pool = start(1, None).expect("the pool starts");
    let outcomes: Vec<Result<(String, u32, usize)>> = pool.map(&["a"]);
    signal("STOP", outcomes[0].as_ref().unwrap().1);
    // It would wait for ever for a process that hears of nothing.
    drop(pool);
}

pub fn a_stopped_worker_is_killed_and_replaced() {
    if !cfg!(unix) {
        return;
    }
    let mut pool = start(1, Some(Duration::from_millis(10))).expect("the pool starts");
    let outcomes: Vec<Result<(String, u32, usize)>> = pool.map(&["a", "stop", "b"]);
    assert_eq!(outcomes[0].as_ref().unwrap().0, "did a");
    let reason = outcomes[1].as_ref().unwrap_err().to_string();
    assert_eq!(
        reason,
        "the worker process that held it had no outcome after 2.01 s, and was killed"
    );
    assert_eq!(
        outcomes[2].as_ref().unwrap().2,
        1,
        "a new worker's first job"
    );
}

pub fn a_job_may_have_all_the_time_in_the_world() {
    let mut pool = start(1, Some(Duration::MAX)).expect("the pool starts");
    let outcomes: Vec<Result<(String, u32, usize)>> = pool.map(&["a"]);
    assert_eq!(outcomes[0].as_ref().unwrap().0, "did a");
}

/// Kills workers while they are at it, and wants an outcome for every job all the same.
pub fn workers_may_be_killed_at_any_moment() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let jobs = vec!["sleep"; 400];
    let done = AtomicBool::new(false);
    let outcomes = thread::scope(|scope| {
        scope.spawn(|| {
            for moment in 0..20 {
                thread::sleep(Duration::from_millis(7 + moment % 5));
                if !done.load(Ordering::Relaxed)
                    && let Some(worker) = children().into_iter().next_back()
                {
                    signal("KILL", worker);
                }
            }
        });
        let outcomes = map(4, &jobs);
        done.store(true, Ordering::Relaxed);
        outcomes
    });
    assert_eq!(outcomes.len(), jobs.len());
    let lost: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| Some(outcome.as_ref().err()?.to_string()))
        .collect();
    assert!((1..=20).contains(&lost.len()), "{lost:?}");
    for reason in lost {
        assert!(reason.contains("SIGKILL"), "{reason}");
    }
}

/// The processes that this one has started, and the shells that it kills them with.
fn children() -> Vec<u32> {
    let tasks = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let lists: Vec<String> = lists.collect();
    lists
        .iter()
        .flat_map(|list| list.split_whitespace())
        .flat_map(str::parse)
        .collect()
}

/// Root may start as many processes as it likes, so somebody else tries.
pub fn want_of_processes_is_an_error() {
    let program = env::current_exe().expect("a program knows itself");
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "prlimit",
            "--nproc=4",
        ])
        .arg(program)
        .arg(STARTING);
    let Ok(output) = command.output() else {
        println!("SKIPPED: there is no setpriv");
        return;
    };
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    if stderr.starts_with("setpriv: ") || stderr.starts_with("prlimit: ") {
        println!("SKIPPED: {stderr}");
        return;
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(
        [&stdout, &stderr]
            .iter()
            .any(|text| text.contains("resource temporarily unavailable")),
        "{stdout}{stderr}"
    );
}
