//! What this program does as a parent of its own, whose end or output a test looks at.

use std::process::{self, Command, Output};
use std::{env, fs};

use shared::Result;

use crate::worker::{map, start};

/// Run with this argument, the program has jobs that end their worker.
pub const EXITING: &str = "exiting";

/// Run with this argument, the program prints as long as its output can be written.
pub const PRINTING_ON: &str = "print-on";

/// Run with this argument, the program is the parent whose output the next test reads.
pub const PRINTING: &str = "printing";

/// Run with this argument, the program is one whose `main` has no `enter_worker`.
pub const FORGETFUL: &str = "forgetful";

/// Run with this argument, the program drops a pool whose workers have hardly started.
pub const HASTY: &str = "hasty";

/// Run with this argument, the program has a worker that prints 300 MiB in one line.
pub const FLOODED: &str = "flooded";

/// Run with this argument, the program has a job that kills its worker.
pub const LOSING: &str = "losing";

/// Run with this argument, the program says how its pool starts.
pub const STARTING: &str = "starting";

/// Run with this argument, the program is killed by its own job.
pub const ORPHANING: &str = "orphaning";

/// Run with this argument, the program ends without warning when its workers have hardly started.
pub const VANISHING: &str = "vanishing";

/// Run with this argument, the program is busy for some seconds.
pub const BUSY: &str = "busy";

/// Runs this program as a parent of its own, with an argument that says what it is to do.
pub fn run(what: &str) -> Output {
    let program = env::current_exe().expect("a program knows itself");
    Command::new(program).arg(what).output().expect("it starts")
}

/// The most memory that this process has taken, as Linux words it: `1234 kB`.
fn most_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.to_owned())
}

/// Does what a test started it for; returns whether there is anything of that name.
pub fn act(what: &str) -> bool {
    match what {
        PRINTING => drop(map(1, &["print"])),
        FLOODED => {
            map(1, &["flood"]);
            eprintln!("{}", most_memory().unwrap_or_default());
        }
        HASTY => {
            // A worker needs a moment to connect: no job waits for it, neither may the end.
            for _ in 0..5 {
                drop(start(8, None).expect("the pool starts"));
            }
        }
        PRINTING_ON => drop(map(2, &["print"; 20])),
        EXITING => {
            for outcome in map(1, &["exit 141", "exit 142", "a"]) {
                match outcome {
                    Ok((text, ..)) => println!("{text}"),
                    Err(reason) => println!("{reason}"),
                }
            }
        }
        ORPHANING => {
            let job = format!("orphan of {}", process::id());
            drop(map(2, &[&job, &job]));
        }
        VANISHING => {
            let _pool = start(8, None).expect("the pool starts");
            // This drops nothing, so it is as if it were killed.
            process::exit(1);
        }
        BUSY => drop(map(4, &["sleep"; 4000])),
        LOSING => drop(map(1, &["a", "exit", "fail", "b"])),
        STARTING => say_how_it_starts(),
        _ => return false,
    }
    true
}

/// Starts a pool, and says what came of it.
pub fn say_how_it_starts() {
    match start(8, None) {
        Ok(mut pool) => {
            let outcomes: Vec<Result<(String, u32, usize)>> = pool.map(&["a"; 8]);
            println!("{outcomes:?}");
        }
        Err(reason) => {
            eprintln!("{reason}");
            process::exit(1);
        }
    }
}
