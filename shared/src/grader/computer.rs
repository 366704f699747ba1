//! What a program that computes is judged by.

use std::{env, fs, process, thread};

use super::{Run, command, refuses, wait};
use crate::jobs::{JOB_LOG, JobSeen, most_at_once, read_log};
use crate::output::counted;

/// A program that computes, and what its model promises.
#[derive(Clone, Copy)]
pub struct Computer {
    /// The built program: `env!("CARGO_BIN_EXE_parallel-cpu")`.
    pub program: &'static str,
    /// Whether it has the option `--workers`.
    pub workers_option: bool,
}

impl Computer {
    /// Every job is done, by a call of `fib` of its own.
    #[track_caller]
    pub fn does_every_job(&self) {
        let (run, jobs) = self.compute(&["--number", "20", "--jobs", "7"]);
        assert!(
            jobs.len() == 7,
            "7 jobs should call fib 7 times, not {}: is a result copied instead of computed?\n{run}",
            jobs.len()
        );
        assert!(
            run.stdout
                .starts_with("fib(20) = 6765, 7 times\nCompleted in "),
            "it should print `fib(20) = 6765, 7 times`, then `Completed in …s`\n{run}"
        );
        run.expect_status(0, "that every job was done");
    }

    /// As many jobs are under way at once as there are workers.
    #[track_caller]
    pub fn keeps_every_worker_busy(&self) {
        let workers = if self.workers_option { 4 } else { 1 };
        self.keeps_workers_busy(workers, &["--number", "32", "--jobs", "40"]);
    }

    /// The same with other jobs. A job must take longer than a core works on one thread before
    /// it turns to another, or one core might never have two under way.
    #[track_caller]
    pub fn keeps_workers_busy(&self, workers: usize, jobs: &[&str]) {
        let option = ["--workers", &workers.to_string()];
        let options: &[&str] = if self.workers_option { &option } else { &[] };
        let (run, jobs) = self.compute(&[jobs, options].concat());
        let most = most_at_once(&jobs);
        assert!(
            most == workers,
            "at most {} under way at once; {} should keep {workers} under way: {}\n{run}",
            counted(most, "job"),
            counted(workers, "worker"),
            if most < workers {
                "does one job wait for the other, or does a worker get several at a time?"
            } else {
                "is there a limit on the threads?"
            },
        );
    }

    /// A senseless command line gets one line and status 2.
    #[track_caller]
    pub fn refuses_senseless_options(&self) {
        let workers = if self.workers_option {
            "--workers 0"
        } else {
            "--workers 2"
        };
        refuses(
            self.program,
            &[
                "--no-such-option",
                "--number 94",
                "--number -1",
                "--jobs 0",
                workers,
            ],
        );
    }

    /// Runs it; returns its jobs, too.
    #[track_caller]
    fn compute(&self, arguments: &[&str]) -> (Run, Vec<JobSeen>) {
        let name = format!("job-log-{}-{:?}", process::id(), thread::current().id());
        let log = env::temp_dir().join(name);
        // Left by a test that failed, perhaps; jobs are added to what is there.
        let _ = fs::remove_file(&log);
        let child = command(self.program, arguments).env(JOB_LOG, &log).spawn();
        let run = wait(child.expect("it starts"));
        let jobs = read_log(&log).unwrap_or_else(|error| {
            panic!("the program's report should write the log of its jobs: {error}\n{run}")
        });
        fs::remove_file(&log).expect("a file of one's own can be removed");
        (run, jobs)
    }
}
