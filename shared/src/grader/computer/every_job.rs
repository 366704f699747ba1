//! Whether every job is done, and told.

use super::{Computer, WORKERS, start};
use crate::grader::{Failure, Run, Running, Verdict};
use crate::jobs::{Gate, JobAsked};
use crate::output::counted;

impl Computer {
    /// Every job is done, by a call of `fib` of its own.
    pub fn does_every_job(&self) -> Verdict {
        let gate = start(Gate::start(1, JOBS))?;
        let run = self
            .start_at(&gate, &format!("--number 25 --jobs {JOBS}"))
            .end()
            .map_err(|hung| does_not_end(&gate.seen().jobs, JOBS, hung))?;
        run.reached_its_end()?;
        let jobs = gate.seen().jobs;
        if let (true, Some(error)) = (jobs.is_empty(), error_before_report(&run)) {
            return Err(Failure::new(format!(
                "the program did none of its jobs, but says `{error}`\n{run}"
            )));
        }
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
                0 =>
                    "does a job call the `fib` of `shared`, and is it done at all? An iterator \
                     does nothing until something takes its items.",
                1 => "is one result copied instead of computed again?",
                2..JOBS =>
                    "is a job left out, or a result copied? The command line says how many there \
                     are.",
                _ =>
                    "is a job done more than once, or are there more jobs than the command line \
                     says?",
            },
        );
        let wrong = run.stderr.lines().find(|line| line.starts_with("Failed "));
        ensure!(
            wrong.is_none(),
            "the program says `{}`, but the call of `fib` for every job gave the right result: is \
             something among the results that came from no job?\n{run}",
            wrong.unwrap_or_default(),
        );
        ensure!(
            run.stdout
                .starts_with(&format!("fib(25) = 75025, {JOBS} times\nCompleted in ")),
            "fib(25) was computed {JOBS} times, so the program should print `fib(25) = 75025, \
             {JOBS} times`, then `Completed in …s`: is the result of every job handed to \
             `report`?\n{run}"
        );
        run.ended_with(0, "that every job was done")?;
        for (number, result, jobs) in [(0, 0, 3), (1, 1, 1)] {
            self.prints(number, result, jobs)?;
        }
        Ok(())
    }

    /// The smallest numbers are numbers, too; and there may be fewer jobs than workers.
    fn prints(&self, number: u32, result: u64, jobs: usize) -> Verdict {
        let options = self.options(number, jobs, WORKERS);
        let run = Running::start(self.command(&options)).end();
        let run = run.map_err(|hung| {
            Failure::last(format!(
                "with `{options}` the program does not end: does it wait for workers that have \
                 nothing to do, because there are fewer jobs?\n{hung}"
            ))
        })?;
        run.reached_its_end()?;
        if let Some(error) = error_before_report(&run) {
            return Err(Failure::new(format!(
                "with `{options}` the program says `{error}`\n{run}"
            )));
        }
        let line = format!("fib({number}) = {result}, {}", counted(jobs, "time"));
        ensure!(
            run.stdout.starts_with(&line),
            "with `{options}` the program should print `{line}`: is a result of {result} taken \
             for none, or does it need more jobs than there are?\n{run}"
        );
        run.ended_with(0, "that every job was done")
    }
}

/// The error that ended a program; not the one of its report, `2 jobs, but 1 result`.
fn error_before_report(run: &Run) -> Option<&str> {
    run.error().filter(|line| !line.contains(", but "))
}

/// Why a program does not end: `seen` are the jobs that came to the gate, of `jobs` in all.
pub(super) fn does_not_end(seen: &[JobAsked], jobs: usize, hung: Failure) -> Failure {
    let done = seen.iter().filter(|job| job.ended).count();
    let question = match done < jobs {
        true => format!(
            "the program has done {done} of {jobs} jobs, and then did not go on: does it wait for \
             a place in a channel that nobody empties before the end, or for a lock or a permit \
             that nobody gives back?"
        ),
        false => format!(
            "all {jobs} jobs are done, but the program did not end: does it wait for more work or \
             results from a channel or a queue that nobody closes, for a place in a channel that \
             nobody empties before the end, or for a thread that does not end?"
        ),
    };
    Failure::last(format!("{question}\n{hung}"))
}

/// More than a program does by default, and less than the number: one that takes them for each
/// other must not compute for minutes.
const JOBS: usize = 23;
