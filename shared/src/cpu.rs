//! Work that keeps a core busy, and what a program that does it says when it is done.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, Command};

use crate::jobs::{self, Job};
use crate::options::{self, Workers, number, read};
use crate::output::{complain, counted};
use crate::{Result, println};

/// The largest number whose Fibonacci number fits into 64 bits.
pub const MAX_NUMBER: u32 = 93;

/// Computes a Fibonacci number the slow way, which takes about 1.6 times as long for every
/// next one. No two calls are ever merged, and none is left out. Every call is a [`Job`].
///
/// # Panics
/// The result does not fit for a `number` above [`MAX_NUMBER`]; a core would be busy for
/// millennia before it came to that.
pub fn fib(number: u32) -> u64 {
    let mut job = Job::begin(format_args!("fib({number})"));
    let result = black_box(recursive(black_box(number)));
    job.returned(result);
    result
}

fn recursive(number: u32) -> u64 {
    if number < 2 {
        number.into()
    } else {
        recursive(number - 2) + recursive(number - 1)
    }
}

/// Computes it the fast way, to check the slow one.
fn expected(number: u32) -> u64 {
    (0..number)
        .fold((0, 1), |(this, next), _| {
            (next, u64::wrapping_add(this, next))
        })
        .0
}

/// What a program is asked to compute.
pub struct Computations {
    /// Which Fibonacci number.
    pub number: u32,
    /// How many times.
    pub jobs: usize,
    /// How many jobs may be under way at once.
    pub workers: usize,
}

impl Computations {
    /// Reads the command line of a program that is `about` something.
    ///
    /// Asked for help, or for something that makes no sense, it ends the program.
    pub fn from_command_line(about: &'static str, workers: Workers) -> Self {
        Self::with_default_number(about, workers, "35")
    }

    /// Like [`Self::from_command_line`], with another number unless `--number` says otherwise:
    /// for a program that is much slower than the rest.
    pub fn with_default_number(
        about: &'static str,
        workers: Workers,
        default_number: &'static str,
    ) -> Self {
        let matches = options::parse(command(about, workers, default_number));
        Self::read(&matches, workers)
    }

    pub(crate) fn read(matches: &ArgMatches, workers: Workers) -> Self {
        let number: usize = read(matches, "number");
        Self {
            number: u32::try_from(number).expect("the option's range says so"),
            jobs: read(matches, "jobs"),
            workers: workers.read_option(matches),
        }
    }

    /// Checks every result and says how often the number was computed and how long it took.
    ///
    /// The status is success only if every job was done in this process, by [`fib`] or as a
    /// [`Job`] of its own, and rightly.
    ///
    /// # Errors
    /// The file that [`JOB_LOG`](crate::jobs::JOB_LOG) names cannot be written.
    pub fn report(&self, results: &[u64], elapsed: Duration) -> Result<ExitCode> {
        self.report_all(results, Some(jobs::ended()), elapsed)
    }

    /// Like [`Self::report`], for results that come neither from [`fib`] nor from a [`Job`] in
    /// this process: there are none to count.
    ///
    /// # Errors
    /// As for [`Self::report`].
    pub fn report_results(&self, results: &[u64], elapsed: Duration) -> Result<ExitCode> {
        self.report_all(results, None, elapsed)
    }

    /// Like [`Self::report_results`], for jobs that may fail: says of each why it did.
    ///
    /// # Errors
    /// As for [`Self::report`].
    #[cfg(feature = "machines")]
    pub fn report_outcomes(&self, outcomes: &[Result<u64>], elapsed: Duration) -> Result<ExitCode> {
        let results = outcomes.iter().enumerate().filter_map(|(job, outcome)| {
            let failed = |reason| complain(format_args!("Failed job {job}: {reason}"));
            outcome.as_ref().copied().map_err(failed).ok()
        });
        self.report_results(&results.collect::<Vec<_>>(), elapsed)
    }

    fn report_all(
        &self,
        results: &[u64],
        calls: Option<usize>,
        elapsed: Duration,
    ) -> Result<ExitCode> {
        let (number, expected) = (self.number, expected(self.number));
        let right = results.iter().filter(|result| **result == expected).count();
        let called = calls.unwrap_or(results.len());
        for wrong in results.iter().filter(|result| **result != expected) {
            complain(format_args!(
                "Failed fib({number}): got {wrong}, not {expected}"
            ));
        }
        if (results.len(), called) != (self.jobs, self.jobs) {
            let (jobs, results) = (counted(self.jobs, "job"), counted(results.len(), "result"));
            let source = calls.map(|calls| format!(" from {} of fib", counted(calls, "call")));
            complain(format_args!(
                "Error: {jobs}, but {results}{}",
                source.unwrap_or_default()
            ));
        }
        println!(
            "fib({number}) = {expected}, {}",
            counted(right.min(called), "time")
        );
        println!("Completed in {:.2}s", elapsed.as_secs_f64());
        if cfg!(debug_assertions) {
            complain(format_args!(
                "Note: this was built without optimisation, and is slow for it; try --release"
            ));
        }
        jobs::write_log()?;
        let done = (right, called) == (self.jobs, self.jobs);
        Ok(ExitCode::from(u8::from(!done)))
    }
}

pub(crate) fn command(
    about: &'static str,
    workers: Workers,
    default_number: &'static str,
) -> Command {
    let number_option = number(
        "number",
        "N",
        "Which Fibonacci number to compute",
        0..=MAX_NUMBER.into(),
    );
    let jobs = number("jobs", "N", "How many times to compute it", 1..=1_000_000);
    let command = Command::new(env!("CARGO_PKG_NAME"))
        .about(about)
        .after_help(HELP)
        .arg(number_option.default_value(default_number))
        .arg(jobs.default_value("20"));
    workers.add_option(command, "How many jobs may be under way at once")
}

const HELP: &str = "\
By its definition the number takes millions of calls, which keep one core busy; every next number
takes about 1.6 times as long. Every result is checked.
Exit status: 0 every job was done, 1 something failed, 2 the command line makes no sense.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_way_and_the_fast_way_agree() {
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(fib), [0, 1, 1, 2, 3, 5, 8, 13]);
        for number in 0..25 {
            assert_eq!(fib(number), expected(number));
        }
    }

    #[test]
    fn the_largest_number_fits_and_the_next_does_not() {
        // From the list of Fibonacci numbers, OEIS A000045.
        assert_eq!(expected(35), 9_227_465);
        assert_eq!(expected(MAX_NUMBER), 12_200_160_415_121_876_738);
        assert!(
            expected(MAX_NUMBER)
                .checked_add(expected(MAX_NUMBER - 1))
                .is_none()
        );
    }
}
