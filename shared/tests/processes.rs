//! The pool of worker processes: what a worker holds may fail, the pool may not.
//!
//! Its workers are this very program, so it needs a `main` of its own.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::process::{self, Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs, panic, thread};

use serde::{Deserialize, Serialize};
use shared::processes::{Argument, ProcessPool, enter_worker};
use shared::{Error, Result};

/// What every worker is given.
#[derive(Serialize, Deserialize)]
struct Given {
    word: String,
    limit: Option<Duration>,
}

impl Argument for Given {
    fn time_limit(&self) -> Option<Duration> {
        self.limit
    }
}

/// What a worker opens once: the word, and how many jobs it has done since.
type Session = (String, Cell<usize>);

fn open(given: Given) -> Session {
    (given.word, Cell::new(0))
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
        "stop" => signal("STOP", process::id()),
        "exit 141" => process::exit(141),
        "exit 142" => process::exit(142),
        #[cfg(unix)]
        "orphan" => {
            signal("KILL", std::os::unix::process::parent_id());
            thread::sleep(Duration::from_secs(20));
            eprintln!("an orphan is still here");
        }
        "sleep" => thread::sleep(Duration::from_millis(5)),
        "read" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            return Ok((text, process::id(), done.get()));
        }
        "flood" => {
            let piece = [b'.'; 1024 * 1024];
            for _ in 0..300 {
                io::stdout().write_all(&piece)?;
            }
        }
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

fn start(workers: usize, limit: Option<Duration>) -> Result<ProcessPool> {
    let word = "did".into();
    ProcessPool::start(workers, &Given { word, limit })
}

fn map(workers: usize, jobs: &[&str]) -> Vec<Result<(String, u32, usize)>> {
    start(workers, None).expect("the pool starts").map(jobs)
}

fn signal(name: &str, process: u32) {
    let kill = format!("kill -{name} {process}");
    // It may have ended by itself.
    let _ = Command::new("sh")
        .args(["-c", &kill])
        .stderr(Stdio::null())
        .status();
}

/// Runs this program as a parent of its own, with an argument that says what it is to do.
fn run(what: &str) -> Output {
    let program = env::current_exe().expect("a program knows itself");
    Command::new(program).arg(what).output().expect("it starts")
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

fn a_job_may_exit_with_any_status() {
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

/// Run with this argument, the program has jobs that end their worker.
const EXITING: &str = "exiting";

fn a_pool_whose_reader_is_gone_ends_quietly() {
    let mut command = Command::new(env::current_exe().expect("a program knows itself"));
    command.arg(PRINTING_ON).stderr(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.as_str()), (Some(0), ""));
}

fn a_pool_whose_output_is_full_says_so() {
    let Ok(full) = fs::File::create("/dev/full") else {
        return;
    };
    let mut command = Command::new(env::current_exe().expect("a program knows itself"));
    let output = command.arg(PRINTING_ON).stdout(full).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = "Error: cannot write to standard output: No space left on device";
    assert!(text.starts_with(line) && !text.contains("Failed"), "{text}");
}

/// Run with this argument, the program prints as long as its output can be written.
const PRINTING_ON: &str = "print-on";

/// Run with this argument, the program is the parent whose output the next test reads.
const PRINTING: &str = "printing";

fn what_a_job_prints_is_passed_on() {
    let output = run(PRINTING);
    let text = String::from_utf8(output.stdout).expect("it prints text");
    assert_eq!(
        text,
        "with shared::println!\nwith std::println!\nwithout an end"
    );
}

/// Starts this program as a pool would.
fn start_worker(pool: impl Display, arguments: &[&str]) -> Child {
    let program = env::current_exe().expect("a program knows itself");
    let mut command = Command::new(program);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "processes (worker)");
    command
        .args(arguments)
        .env("POOL_WORKER", format!("{} {pool} token", process::id()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

fn a_pool_that_ends_in_the_middle_of_a_line_is_gone() {
    let pool = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let worker = start_worker(pool.local_addr().expect("it has one"), &[]);
    let (mut connection, _) = pool.accept().expect("it connects");
    let text = r#"{"word":"did","limit":null}"#.to_owned() + "\n\"half a j";
    connection.write_all(text.as_bytes()).expect("it reads");
    connection.shutdown(Shutdown::Write).expect("it is open");
    let output = worker.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.as_str()), (Some(0), ""));
}

fn a_worker_is_no_parent() {
    // This one has no `enter_worker`.
    let run = start_worker("127.0.0.1:1", &[FORGETFUL]).wait_with_output();
    let run = run.expect("it ends");
    assert_eq!(run.status.code(), Some(1));
    let text = String::from_utf8(run.stderr).expect("it prints text");
    assert!(
        text.contains("is `enter_worker` the first line of `main`?"),
        "{text}"
    );
}

/// Run with this argument, the program is one whose `main` has no `enter_worker`.
const FORGETFUL: &str = "forgetful";

fn a_mark_from_elsewhere_is_told() {
    // What is no mark, and the marks of others' workers: of a pool that is gone, and of one that
    // is there, as in a program that a job starts.
    let own = format!("{} 127.0.0.1:1 token", process::id());
    for mark in ["1", "4294967295 127.0.0.1:1 token", &own] {
        let program = env::current_exe().expect("a program knows itself");
        let run = Command::new(program).env("POOL_WORKER", mark).output();
        let run = run.expect("it starts");
        let text = String::from_utf8(run.stderr).expect("it prints text");
        if mark == "1" || cfg!(unix) {
            assert_eq!(
                (run.status.code(), text.as_str()),
                (
                    Some(2),
                    "Error: POOL_WORKER is set, but by no pool: unset it\n"
                )
            );
        }
    }
}

fn an_idle_worker_that_is_stopped_holds_nobody_up() {
    if !cfg!(unix) {
        return;
    }
    let mut pool = start(1, None).expect("the pool starts");
    let outcomes: Vec<Result<(String, u32, usize)>> = pool.map(&["a"]);
    signal("STOP", outcomes[0].as_ref().unwrap().1);
    // It would wait for ever for a process that hears of nothing.
    drop(pool);
}

/// Run with this argument, the program drops a pool whose workers have hardly started.
const HASTY: &str = "hasty";

fn a_pool_that_ends_early_ends_quietly() {
    let output = run(HASTY);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

fn a_job_reads_nothing_that_belongs_to_the_pool() {
    let outcomes = map(1, &["a", "read", "b", "read", "c"]);
    let texts: Vec<String> = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap().0)
        .collect();
    assert_eq!(texts, ["did a", "", "did b", "", "did c"]);
}

/// Run with this argument, the program has a worker that prints 300 MiB in one line.
const FLOODED: &str = "flooded";

fn what_a_job_prints_costs_the_pool_nothing() {
    let output = run(FLOODED);
    assert_eq!(output.stdout.len(), 300 * 1024 * 1024);
    if cfg!(target_os = "linux") {
        let text = String::from_utf8(output.stderr).expect("it prints text");
        let kilobytes: u64 = text.trim().parse().expect("a number");
        assert!(kilobytes < 64 * 1024, "the pool took {kilobytes} kB");
    }
}

/// The most memory that this process has taken, as Linux words it: `1234 kB`.
fn most_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.to_owned())
}

fn a_stopped_worker_is_killed_and_replaced() {
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

/// Run with this argument, the program has a job that kills its worker.
const LOSING: &str = "losing";

fn a_lost_job_is_told_once_and_with_its_name() {
    let text = String::from_utf8(run(LOSING).stderr).expect("it prints text");
    let lost: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("Failed "))
        .collect();
    assert_eq!(lost.len(), 2, "{text}");
    assert!(lost[0].starts_with("Failed exit: the worker process that held it died ("));
    assert_eq!(lost[1], "Failed fail: as the job asked");
}

/// Kills workers while they are at it, and wants an outcome for every job all the same.
fn workers_may_be_killed_at_any_moment() {
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

/// Run with this argument, the program says how its pool starts.
const STARTING: &str = "starting";

/// Root may start as many processes as it likes, so somebody else tries.
fn want_of_processes_is_an_error() {
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
        stdout.contains("resource temporarily unavailable"),
        "{stdout}{stderr}"
    );
}

/// A pool's program is the first process of a container, and so the parent of all orphans, too.
fn the_first_process_of_a_system_may_have_a_pool() {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--pid", "--fork", "--mount-proc"]);
    command.arg(env::current_exe().expect("a program knows itself"));
    let Ok(output) = command.arg(PRINTING).output() else {
        println!("SKIPPED: there is no unshare");
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.starts_with("unshare: ") {
        println!("SKIPPED: {stderr}");
        return;
    }
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""));
    assert!(output.stdout.ends_with(b"without an end"), "{output:?}");
}

/// Run with this argument, the program is killed by its own job.
const ORPHANING: &str = "orphaning";

/// Run with this argument, the program ends without warning when its workers have hardly started.
const VANISHING: &str = "vanishing";

/// A worker has the error output of its parent: to read it to its end is to wait for the worker.
fn orphans_end_quietly() {
    if !cfg!(unix) {
        return;
    }
    for what in [ORPHANING, VANISHING] {
        let output = run(what);
        assert!(!output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{what}");
    }
}

/// Makes a process the parent of all orphans among its descendants, lets it start a program, and
/// waits for all of them.
const SUBREAPER: &str = "
import ctypes, os, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
    sys.exit('subreaper: the system refuses')
subprocess.run(sys.argv[1:])
try:
    while True:
        os.wait()
        print('adopted')
except ChildProcessError:
    pass
";

fn adopted_orphans_end_quietly() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let program = env::current_exe().expect("a program knows itself");
    // How far a worker has come when its parent ends differs.
    for what in [ORPHANING, VANISHING, VANISHING, VANISHING, VANISHING] {
        let mut command = Command::new("python3");
        command.args(["-c", SUBREAPER]).arg(&program).arg(what);
        let Ok(output) = command.output() else {
            println!("SKIPPED: there is no python3");
            return;
        };
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.starts_with("subreaper: ") {
            println!("SKIPPED: {stderr}");
            return;
        }
        assert_eq!(stderr, "", "{what}");
        assert!(output.stdout.starts_with(b"adopted\n"), "{output:?}");
    }
}

/// Run with this argument, the program is busy for some seconds.
const BUSY: &str = "busy";

fn a_pool_may_be_killed_at_any_moment() {
    if !cfg!(unix) {
        return;
    }
    for moment in 0..20 {
        let program = env::current_exe().expect("a program knows itself");
        let mut command = Command::new(program);
        command.arg(BUSY).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        thread::sleep(Duration::from_micros(moment * 1_700));
        child.kill().expect("it is ours");
        // The error output is at its end when the last worker is gone.
        let output = child.wait_with_output().expect("it ends");
        assert!(!output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
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

/// The tests, under their own names.
macro_rules! tests {
    ($($test:ident),* $(,)?) => { [$((stringify!($test), $test)),*] };
}

const TESTS: &[Test] = &tests![
    a_pool_that_ends_early_ends_quietly,
    an_idle_worker_that_is_stopped_holds_nobody_up,
    outcomes_are_in_the_order_of_the_jobs,
    workers_are_used_again,
    a_dead_worker_fails_the_job_it_held_and_no_other,
    a_job_may_exit_with_any_status,
    a_pool_whose_reader_is_gone_ends_quietly,
    a_pool_whose_output_is_full_says_so,
    what_a_job_prints_is_passed_on,
    a_pool_that_ends_in_the_middle_of_a_line_is_gone,
    a_worker_is_no_parent,
    a_mark_from_elsewhere_is_told,
    a_job_reads_nothing_that_belongs_to_the_pool,
    what_a_job_prints_costs_the_pool_nothing,
    a_stopped_worker_is_killed_and_replaced,
    a_lost_job_is_told_once_and_with_its_name,
    workers_may_be_killed_at_any_moment,
    a_pool_may_be_killed_at_any_moment,
    the_first_process_of_a_system_may_have_a_pool,
    orphans_end_quietly,
    adopted_orphans_end_quietly,
    want_of_processes_is_an_error,
    nobody_is_left_behind,
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == FORGETFUL) {
        match start(1, None) {
            Ok(_) => process::exit(0),
            Err(reason) => {
                eprintln!("{reason}");
                process::exit(1);
            }
        }
    }
    enter_worker(open, work);
    match arguments.first().map(String::as_str) {
        Some(PRINTING) => {
            map(1, &["print"]);
            return;
        }
        Some(FLOODED) => {
            map(1, &["flood"]);
            eprintln!("{}", most_memory().unwrap_or_default());
            return;
        }
        Some(HASTY) => {
            // A worker needs a moment to connect: no job waits for it, neither may the end.
            for _ in 0..5 {
                drop(start(8, None).expect("the pool starts"));
            }
            return;
        }
        Some(PRINTING_ON) => {
            map(2, &["print"; 20]);
            return;
        }
        Some(EXITING) => {
            for outcome in map(1, &["exit 141", "exit 142", "a"]) {
                match outcome {
                    Ok((text, ..)) => println!("{text}"),
                    Err(reason) => println!("{reason}"),
                }
            }
            return;
        }
        Some(ORPHANING) => {
            map(2, &["orphan", "orphan"]);
            return;
        }
        Some(VANISHING) => {
            let _pool = start(8, None).expect("the pool starts");
            // This drops nothing, so it is as if it were killed.
            process::exit(1);
        }
        Some(BUSY) => {
            map(4, &["sleep"; 4000]);
            return;
        }
        Some(LOSING) => {
            map(1, &["a", "exit", "fail", "b"]);
            return;
        }
        Some(STARTING) => {
            match start(8, None) {
                Ok(mut pool) => {
                    let outcomes: Vec<Result<(String, u32, usize)>> = pool.map(&["a"; 8]);
                    println!("{outcomes:?}");
                }
                Err(reason) => println!("{reason}"),
            }
            return;
        }
        _ => {}
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
