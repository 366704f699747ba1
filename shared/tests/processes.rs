//! The pool of worker processes: what a worker holds may fail, the pool may not.
//!
//! Its workers are this very program, so it needs a `main` of its own.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::process::{self, Command};
use std::{env, fs, panic};

use shared::processes::{ProcessPool, enter_worker};
use shared::{Error, Result};

/// What a worker opens once: the argument, and how many jobs it has done since.
type Session = (String, Cell<usize>);

fn open(argument: String) -> Session {
    (argument, Cell::new(0))
}

fn work((argument, done): &Session, job: &str) -> Result<(String, u32, usize)> {
    done.set(done.get() + 1);
    match job {
        "panic" => {
            panic::set_hook(Box::new(|_| {}));
            panic!("as the job asked");
        }
        "exit" => process::exit(3),
        "abort" => process::abort(),
        "garble" => println!("\u{1e}what is no outcome"),
        "fail" => return Err(Error::new("as the job asked")),
        "print" => {
            shared::println!("with shared::println!");
            println!("with std::println!");
            print!("without an end");
        }
        _ => {}
    }
    Ok((format!("{argument} {job}"), process::id(), done.get()))
}

fn map(workers: usize, jobs: &[&str]) -> Vec<Result<(String, u32, usize)>> {
    ProcessPool::start(workers, &"did")
        .expect("the pool starts")
        .map(jobs)
}

fn outcomes_are_in_the_order_of_the_jobs() {
    let jobs: Vec<String> = (0..100)
        .map(|job| format!("job {job} \n\"\u{1e}ü"))
        .collect();
    let jobs: Vec<&str> = jobs.iter().map(String::as_str).collect();
    for (job, outcome) in jobs.iter().zip(map(3, &jobs)) {
        assert_eq!(outcome.unwrap().0, format!("did {job}"));
    }
    assert!(map(3, &[]).is_empty());
}

fn workers_are_used_again() {
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

fn a_dead_worker_fails_the_job_it_held_and_no_other() {
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

/// Run with this argument, the program is the parent whose output the next test reads.
const PRINTING: &str = "printing";

fn what_a_job_prints_is_passed_on() {
    let program = env::current_exe().expect("a program knows itself");
    let output = Command::new(program)
        .arg(PRINTING)
        .output()
        .expect("it starts");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    assert_eq!(
        text,
        "with shared::println!\nwith std::println!\nwithout an end"
    );
}

fn a_worker_is_no_parent() {
    // The mark of a worker is in the environment of a program that has no `enter_worker`.
    let program = env::current_exe().expect("a program knows itself");
    let run = Command::new(program)
        .arg(FORGETFUL)
        .env("POOL_WORKER", "1")
        .output();
    let run = run.expect("it starts");
    assert_eq!(run.status.code(), Some(1));
    let text = String::from_utf8(run.stderr).expect("it prints text");
    assert!(
        text.contains("is `enter_worker` the first line of `main`?"),
        "{text}"
    );
}

/// Run with this argument, the program is one whose `main` has no `enter_worker`.
const FORGETFUL: &str = "forgetful";

fn a_garbled_outcome_spoils_no_other() {
    let outcomes = map(1, &["a", "garble", "b"]);
    assert_eq!(outcomes[0].as_ref().unwrap().0, "did a");
    let reason = outcomes[1].as_ref().unwrap_err().to_string();
    assert!(reason.contains("answered with no outcome"), "{reason}");
    assert_eq!(outcomes[2].as_ref().unwrap().0, "did b");
}

fn nobody_is_left_behind() {
    map(3, &["a", "panic", "b", "exit", "c"]);
    if !cfg!(target_os = "linux") {
        return;
    }
    let own = process::id();
    for task in fs::read_dir("/proc").expect("Linux has it").flatten() {
        let Ok(stat) = fs::read_to_string(task.path().join("stat")) else {
            continue;
        };
        // "PID (NAME) STATE PARENT …", where a name may contain anything.
        let parent = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.split(' ').nth(1));
        assert_ne!(parent, Some(own.to_string().as_str()), "{stat}");
    }
}

type Test = (&'static str, fn());

const TESTS: [Test; 7] = [
    (
        "outcomes_are_in_the_order_of_the_jobs",
        outcomes_are_in_the_order_of_the_jobs,
    ),
    ("workers_are_used_again", workers_are_used_again),
    (
        "a_dead_worker_fails_the_job_it_held_and_no_other",
        a_dead_worker_fails_the_job_it_held_and_no_other,
    ),
    (
        "what_a_job_prints_is_passed_on",
        what_a_job_prints_is_passed_on,
    ),
    ("a_worker_is_no_parent", a_worker_is_no_parent),
    (
        "a_garbled_outcome_spoils_no_other",
        a_garbled_outcome_spoils_no_other,
    ),
    ("nobody_is_left_behind", nobody_is_left_behind),
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == FORGETFUL) {
        match ProcessPool::start(1, &()) {
            Ok(_) => process::exit(0),
            Err(reason) => {
                eprintln!("{reason}");
                process::exit(1);
            }
        }
    }
    enter_worker(open, work);
    if arguments.iter().any(|argument| argument == PRINTING) {
        map(1, &["print"]);
        return;
    }
    // The two ways in which test runners call: for the names, and for one or all of the tests.
    if arguments.iter().any(|argument| argument == "--list") {
        let ignored = arguments.iter().any(|argument| argument == "--ignored");
        TESTS
            .iter()
            .filter(|_| !ignored)
            .for_each(|(name, _)| println!("{name}: test"));
        return;
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    let chosen = |test: &&Test| wanted.is_none_or(|wanted| test.0.contains(wanted.as_str()));
    let tests: Vec<&Test> = TESTS.iter().filter(chosen).collect();
    for (name, test) in &tests {
        test();
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. {} passed; 0 failed", tests.len());
}
