//! Whether every job is done, and told.

use super::{Computer, start};
use crate::grader::Verdict;
use crate::jobs::Gate;
use crate::output::counted;

impl Computer {
    /// Every job is done, by a call of `fib` of its own.
    pub fn does_every_job(&self) -> Verdict {
        // More than a program does by default, and less than the number: one that takes them for
        // each other must not compute for minutes.
        const JOBS: usize = 23;
        let gate = start(Gate::start(1, JOBS))?;
        let run = self
            .start(&gate, &["--number", "25", "--jobs", &JOBS.to_string()])
            .end()?;
        run.reached_its_end()?;
        let jobs = gate.seen().jobs;
        let other = jobs.iter().find(|job| job.what != "fib(25)");
        ensure!(
            other.is_none(),
            "with `--number 25` every job should be fib(25), but one was {}: does every job use \
             the number of the command line?\n{run}",
            other.map_or("", |job| &job.what),
        );
        ensure!(
            jobs.len() == JOBS,
            "{JOBS} jobs should call `fib` {JOBS} times, but they called it {}: {}\n{run}",
            counted(jobs.len(), "time"),
            match jobs.len() {
                0 => "does a job call the `fib` of `shared`?",
                1 => "is one result copied instead of computed again?",
                2..JOBS =>
                    "is a job left out, or a result copied? The command line says how many there \
                     are.",
                _ =>
                    "is a job done more than once, or are there more jobs than the command line \
                     says?",
            },
        );
        ensure!(
            run.stdout
                .starts_with(&format!("fib(25) = 75025, {JOBS} times\nCompleted in ")),
            "fib(25) was computed {JOBS} times, so the program should print `fib(25) = 75025, \
             {JOBS} times`, then `Completed in …s`: is the result of every job handed to \
             `report`?\n{run}"
        );
        run.ended_with(0, "that every job was done")
    }
}
