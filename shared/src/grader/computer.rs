//! What a program that computes is judged by.

mod at_work;
mod every_job;
mod processor_time;
mod turnstile;
mod under_way;

use std::process::Command;

use super::{Failure, Lesson, Running, Verdict, command, refuses_each};
use crate::jobs::{Gate, JOB_GATE};
use crate::options::Workers;

/// A program that computes, and what its model promises.
#[derive(Clone, Copy)]
pub struct Computer {
    /// The built program: `env!("CARGO_BIN_EXE_parallel-cpu")`.
    pub program: &'static str,
    /// Whether it has the option `--workers`, with every core as its default; otherwise it does
    /// one job after another.
    pub workers_option: bool,
    /// Whether worker processes compute, and not their parent. Only Linux tells.
    pub processes: bool,
}

/// How many workers it is asked for.
const WORKERS: usize = 4;

impl Computer {
    /// All its checks, in the order of the lesson.
    pub fn lesson(self) -> Lesson {
        Lesson::new()
            .and("does_every_job", move || self.does_every_job())
            .and_after(&["does_every_job"], "keeps_every_worker_busy", move || {
                self.keeps_every_worker_busy()
            })
            .and_after(
                &["keeps_every_worker_busy"],
                "goes_on_when_a_job_is_done",
                move || self.goes_on_when_a_job_is_done(),
            )
            .and_after(
                &["keeps_every_worker_busy"],
                "obeys_another_number_of_workers",
                move || self.obeys_another_number_of_workers(),
            )
            .and_after(&["does_every_job"], "computes_what_it_reports", move || {
                self.computes_what_it_reports()
            })
            .and_after(
                &["computes_what_it_reports", "goes_on_when_a_job_is_done"],
                "computes_all_the_time",
                move || self.computes_all_the_time(),
            )
            .and("refuses_senseless_options", move || {
                self.refuses_senseless_options()
            })
    }

    /// While no job gets leave to begin, as many ask for it as there are workers, never more.
    pub fn keeps_every_worker_busy(&self) -> Verdict {
        self.keeps_busy(if self.workers_option { WORKERS } else { 1 }, true)
    }

    /// So it does with another number of `--workers`, with fewer jobs than that, and with every
    /// core by default.
    pub fn obeys_another_number_of_workers(&self) -> Verdict {
        self.has_the_usual_defaults()?;
        if !self.workers_option {
            return refuses_each(self.program, &["--workers 3"]);
        }
        self.shares_few_jobs()?;
        self.keeps_busy(3, true)?;
        self.keeps_busy(1, true)?;
        let cores = Workers::EveryCore.number();
        // More than any limit that follows the machine.
        self.keeps_busy(cores.max(10) + 5, true)?;
        self.keeps_busy(cores, false)
    }

    /// A senseless command line gets one line and status 2.
    pub fn refuses_senseless_options(&self) -> Verdict {
        let workers = if self.workers_option {
            "--workers 0"
        } else {
            "--workers 2"
        };
        refuses_each(
            self.program,
            &[
                "--no-such-option",
                "--number 94",
                "--number -1",
                "--jobs 0",
                workers,
            ],
        )
    }

    /// Where the number of workers came from, for a message.
    fn asked_for(&self, workers: usize, option: bool) -> String {
        match option && self.workers_option {
            true => format!(" with `--workers {workers}`"),
            false if self.workers_option => " by default".into(),
            false => String::new(),
        }
    }

    /// Starts it, with a gate that every job asks for leave.
    fn start_at(&self, gate: &Gate, options: &str) -> Running {
        let mut command = self.command(options);
        command.env(JOB_GATE, gate.address());
        Running::start(command)
    }

    fn command(&self, options: &str) -> Command {
        command(
            self.program,
            &options.split_whitespace().collect::<Vec<_>>(),
        )
    }

    /// The options for so much work, as they stand on a command line.
    fn options(&self, number: u32, jobs: usize, workers: usize) -> String {
        let workers = self.workers(workers, true);
        format!("--number {number} --jobs {jobs}{workers}")
    }

    /// The option that asks for so many workers, if there is a choice and it is to be used.
    fn workers(&self, workers: usize, option: bool) -> String {
        match option && self.workers_option {
            true => format!(" --workers {workers}"),
            false => String::new(),
        }
    }
}

fn start(gate: std::io::Result<Gate>) -> Result<Gate, Failure> {
    gate.map_err(|error| Failure::new(format!("the gate of the test does not start: {error}")))
}

fn jobs_were(number: usize) -> String {
    match number {
        1 => "1 job was".into(),
        _ => format!("{number} jobs were"),
    }
}
