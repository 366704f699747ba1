//! Work that keeps a core busy, and what a program that does it says when it is done.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use std::{env, fs};

use clap::Command;

use crate::options::{self, Workers, number, read};
use crate::output::{complain, counted};
use crate::{Error, Result, println};

/// The largest number whose Fibonacci number fits into 64 bits.
pub const MAX_NUMBER: u32 = 93;

/// If this environment variable names a file, [`Computations::report`] writes a line there for
/// every call of [`fib`]: its thread (the first is 0), when it began and when it ended, in
/// microseconds since the first one began, with tabs between.
pub const JOB_LOG: &str = "JOB_LOG";

/// Computes a Fibonacci number the slow way, which takes about 1.6 times as long for every
/// next one. No two calls are ever merged, and none is left out. Every call is noted with its
/// thread, start and end, for [`Computations::report`] and [`JOB_LOG`].
///
/// # Panics
/// The result does not fit for a `number` above [`MAX_NUMBER`]; a core would be busy for
/// millennia before it came to that.
pub fn fib(number: u32) -> u64 {
    let start = Instant::now();
    let result = black_box(recursive(black_box(number)));
    let job = Job {
        thread: thread::current().id(),
        start,
        end: Instant::now(),
    };
    JOBS.lock()
        .expect("nothing panics while it holds the list")
        .push(job);
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

/// Every call of [`fib`] so far.
static JOBS: Mutex<Vec<Job>> = Mutex::new(Vec::new());

struct Job {
    thread: ThreadId,
    start: Instant,
    end: Instant,
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
        let number: usize = read(&matches, "number");
        Self {
            number: u32::try_from(number).expect("the option's range says so"),
            jobs: read(&matches, "jobs"),
            workers: workers.read_option(&matches),
        }
    }

    /// Checks every result and says how often the number was computed and how long it took.
    ///
    /// The status is success only if every job was done, and rightly.
    ///
    /// # Errors
    /// The file that [`JOB_LOG`] names cannot be written.
    pub fn report(&self, results: &[u64], elapsed: Duration) -> Result<ExitCode> {
        let calls = JOBS
            .lock()
            .expect("nothing panics while it holds the list")
            .len();
        let status = self.report_all(results, Some(calls), elapsed);
        write_job_log()?;
        Ok(status)
    }

    /// Like [`Self::report`], for results that do not come from calls of [`fib`] in this
    /// process: there are none to count, and none to write to the log of jobs.
    pub fn report_results(&self, results: &[u64], elapsed: Duration) -> ExitCode {
        self.report_all(results, None, elapsed)
    }

    fn report_all(&self, results: &[u64], calls: Option<usize>, elapsed: Duration) -> ExitCode {
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
        ExitCode::from(u8::from((right, called) != (self.jobs, self.jobs)))
    }
}

fn write_job_log() -> Result<()> {
    let Some(file) = env::var_os(JOB_LOG) else {
        return Ok(());
    };
    let jobs = JOBS.lock().expect("nothing panics while it holds the list");
    let Some(first) = jobs.iter().map(|job| job.start).min() else {
        return Ok(());
    };
    let mut threads = Vec::new();
    let mut text = String::new();
    for job in jobs.iter() {
        let thread = threads
            .iter()
            .position(|thread| *thread == job.thread)
            .unwrap_or_else(|| {
                threads.push(job.thread);
                threads.len() - 1
            });
        let [start, end] = [job.start, job.end].map(|time| (time - first).as_micros());
        writeln!(text, "{thread}\t{start}\t{end}").expect("a String takes everything");
    }
    fs::write(&file, text)
        .map_err(|error| Error::from(error).while_doing("cannot write the job log"))
}

fn command(about: &'static str, workers: Workers, default_number: &'static str) -> Command {
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
A job computes the number by its definition, which makes millions of calls and keeps one core
busy; every next number takes about 1.6 times as long. Every result is checked.
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
