//! What comes of jobs.

use std::collections::BTreeSet;
use std::process;

use crate::parent::{EXITING, LOSING, run};
use crate::worker::map;

pub fn outcomes_are_in_the_order_of_the_jobs() {
    let jobs: Vec<String> = (0..100)
        .map(|job| format!("job {job} \n\"\u{1e}ü"))
        .collect();
    let jobs: Vec<&str> = jobs.iter().map(String::as_str).collect();
    for (job, outcome) in jobs.iter().zip(map(3, &jobs)) {
        assert_eq!(outcome.unwrap().0, format!("did {job}"));
    }
    assert!(map(3, &[]).is_empty());
}

pub fn workers_are_used_again() {
    let outcomes = map(3, &["some"; 60]);
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let processes: BTreeSet<u32> = outcomes.iter().map(|outcome| outcome.1).collect();
    assert!(
        processes.len() <= 3 && !processes.contains(&process::id()),
        "{processes:?}"
    );
    for process in processes {
        let counts = outcomes
            .iter()
            .filter(|outcome| outcome.1 == process)
            .map(|outcome| outcome.2);
        assert!(
            counts.eq(1..=outcomes
                .iter()
                .filter(|outcome| outcome.1 == process)
                .count())
        );
    }
}

pub fn a_dead_worker_fails_the_job_it_held_and_no_other() {
    let outcomes = map(
        1,
        &["a", "panic", "b", "exit", "c", "abort", "d", "fail", "e"],
    );
    let texts = outcomes.into_iter().map(|outcome| match outcome {
        Ok((text, _, done)) => format!("{text} {done}"),
        Err(reason) => reason.to_string(),
    });
    let died = |how: &str| format!("the worker process that held it died ({how})");
    let aborted = if cfg!(windows) {
        "exit code: 0xc0000409"
    } else {
        "signal: 6 (SIGABRT)"
    };
    let code = if cfg!(windows) {
        "exit code"
    } else {
        "exit status"
    };
    let expected = [
        "did a 1".into(),
        died(&format!("{code}: 101")),
        "did b 1".into(),
        died(&format!("{code}: 3")),
        "did c 1".into(),
        // Some systems add that memory was dumped.
        died(aborted),
        "did d 1".into(),
        "as the job asked".into(),
        "did e 3".into(),
    ];
    assert_eq!(
        texts
            .map(|text| text.replace(" (core dumped)", ""))
            .collect::<Vec<_>>(),
        expected
    );
}

pub fn a_job_may_exit_with_any_status() {
    if cfg!(windows) {
        return;
    }
    // A worker whose output fails ends its pool: how a job ends says nothing of that.
    let output = run(EXITING);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "the worker process that held it died (exit status: 141)\n\
         the worker process that held it died (exit status: 142)\n\
         did a\n"
    );
}

pub fn a_lost_job_is_told_once_and_with_its_name() {
    let text = String::from_utf8(run(LOSING).stderr).expect("it prints text");
    let lost: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("Failed "))
        .collect();
    assert_eq!(lost.len(), 2, "{text}");
    assert!(lost[0].starts_with("Failed exit: the worker process that held it died ("));
    assert_eq!(lost[1], "Failed fail: as the job asked");
}

pub fn a_job_reads_nothing_that_belongs_to_the_pool() {
    let outcomes = map(1, &["a", "read", "b", "read", "c"]);
    let texts: Vec<String> = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap().0)
        .collect();
    assert_eq!(texts, ["did a", "", "did b", "", "did c"]);
}
