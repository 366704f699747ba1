//! What a program that computes is judged by.

use std::time::Duration;

use super::rest::{one_moment, watch};
use super::{Failure, Lesson, Running, Verdict, WHENCE, command, refuses_each};
use crate::fib;
use crate::jobs::{Gate, GateSeen, JOB_GATE};
use crate::options::Workers;
use crate::output::counted;

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
            .and("refuses_senseless_options", move || {
                self.refuses_senseless_options()
            })
    }

    /// Every job is done, by a call of `fib` of its own.
    pub fn does_every_job(&self) -> Verdict {
        const JOBS: usize = 7;
        let gate = start(Gate::start(1, JOBS))?;
        let run = self
            .start(&gate, &["--number", "20", "--jobs", "7"])
            .end()?;
        run.reached_its_end()?;
        let jobs = gate.seen().jobs;
        let other = jobs.iter().find(|job| job.what != "fib(20)");
        ensure!(
            other.is_none(),
            "with `--number 20` every job should be fib(20), but one was {}: does every job use \
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
                2..JOBS => "is a job left out, or a result copied?",
                _ =>
                    "is a job done more than once, or are there more jobs than the command line \
                     says?",
            },
        );
        ensure!(
            run.stdout
                .starts_with("fib(20) = 6765, 7 times\nCompleted in "),
            "fib(20) was computed {JOBS} times, so the program should print `fib(20) = 6765, 7 \
             times`, then `Completed in …s`: is the result of every job handed to `report`?\n{run}"
        );
        run.ended_with(0, "that every job was done")
    }

    /// While no job gets leave to begin, as many ask for it as there are workers, never more.
    pub fn keeps_every_worker_busy(&self) -> Verdict {
        self.keeps_busy(if self.workers_option { WORKERS } else { 1 }, true)
    }

    fn keeps_busy(&self, workers: usize, option: bool) -> Verdict {
        let jobs = 2 * workers + 3;
        // Nobody gets through: it would take more jobs than there are.
        let never = jobs + 1;
        let gate = start(Gate::start_patient(never, never, Duration::from_secs(600)))?;
        let mut options = vec![
            "--number".into(),
            "20".into(),
            "--jobs".into(),
            jobs.to_string(),
        ];
        options.extend(self.workers(workers, option));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let mut running = self.start(&gate, &options);
        let rested = watch(&mut running, workers, || {
            let jobs = gate.seen().jobs;
            (jobs.len(), jobs.iter().filter(|job| !job.ended).count())
        });
        #[cfg(target_os = "linux")]
        let (threads, children) = {
            use super::proc::{children, process};
            let id = running.id();
            let children = children(id).into_iter().filter(|child| child.state != 'Z');
            (process(id).map_or(0, |it| it.threads), children.count())
        };
        let run = running.stop();
        if rested.ended {
            run.reached_its_end()?;
            return Err(Failure::new(format!(
                "the program ended before any of its jobs could begin: does it wait for \
                 them?\n{run}"
            )));
        }
        let under_way = rested.under_way;
        let asked_for = self.asked_for(workers, option);
        #[cfg(target_os = "linux")]
        ensure!(
            children == if self.processes { workers } else { 0 },
            "{} under way{asked_for}, and the program has {children} worker processes; there \
             should be {}: who computes, threads or processes, and does the pool know how many \
             workers are asked for?\n{run}",
            jobs_were(under_way),
            if self.processes { workers } else { 0 },
        );
        ensure!(
            under_way >= workers,
            "{} under way at once{asked_for}; {} should keep {workers} under way: {}\n{run}",
            jobs_were(under_way),
            counted(workers, "worker"),
            match under_way {
                0 | 1 =>
                    "does one job wait for another: is a thread joined before the next is \
                     started, a lock held during a job, or is the loop itself not parallel?",
                _ => WHENCE,
            },
        );
        ensure!(
            under_way <= workers,
            "{} under way at once{asked_for}; there should be {workers}: {}\n{run}",
            jobs_were(under_way),
            match self.workers_option {
                true if option && under_way == jobs => "is there a limit on the threads?",
                true => WHENCE,
                false => "is each job done before the next begins, on one thread?",
            },
        );
        #[cfg(target_os = "linux")]
        {
            ensure!(
                self.workers_option || threads == 1,
                "a job is under way, and the program has {threads} threads; one should do all the \
                 work: what starts another one?\n{run}"
            );
        }
        ensure!(
            !rested.restless,
            "no job may begin yet, but the program uses the processor all the time: does it look \
             again and again whether something is done, instead of waiting for it?\n{run}"
        );
        Ok(())
    }

    /// Where the number of workers came from, for a message.
    fn asked_for(&self, workers: usize, option: bool) -> String {
        match option && self.workers_option {
            true => format!(" with `--workers {workers}`"),
            false if self.workers_option => " by default".into(),
            false => String::new(),
        }
    }

    /// As soon as one job is done the next begins, for as long as any are left: one gets leave,
    /// and only when as many ask again the next.
    pub fn goes_on_when_a_job_is_done(&self) -> Verdict {
        let workers = if self.workers_option { WORKERS } else { 1 };
        let jobs = 6 * workers + 3;
        let gate = start(Gate::start(workers, jobs))?;
        let mut options = vec![
            "--number".into(),
            "20".into(),
            "--jobs".into(),
            jobs.to_string(),
        ];
        options.extend(self.workers(workers, true));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let run = self.start(&gate, &options).end()?;
        let GateSeen { turnstile, .. } = gate.seen();
        if let Some(stopped) = turnstile.stopped {
            return Err(Failure::new(format!(
                "after {} only {} under way{}, though {} were left; {} should keep {workers} \
                 under way: {}\n{run}",
                counted(stopped.passed, "job"),
                jobs_were(stopped.waiting),
                self.asked_for(workers, true),
                counted(stopped.left + stopped.waiting, "job"),
                counted(workers, "worker"),
                match stopped.passed {
                    0 | 1 => {
                        "does the next job wait for the oldest one or for all the others, or did \
                         only the first ones start together?"
                    }
                    _ =>
                        "does a worker get its jobs beforehand, or wait for the oldest one or for \
                         all the others?",
                },
            )));
        }
        run.reached_its_end()?;
        ensure!(
            turnstile.most <= workers,
            "{} under way at once, with {}\n{run}",
            jobs_were(turnstile.most),
            counted(workers, "worker"),
        );
        run.ended_with(0, "that every job was done")
    }

    /// So it does with another number of `--workers`, and with every core by default.
    pub fn obeys_another_number_of_workers(&self) -> Verdict {
        if !self.workers_option {
            return refuses_each(self.program, &["--workers 3"]);
        }
        self.keeps_busy(3, true)?;
        self.keeps_busy(1, true)?;
        let cores = Workers::EveryCore.number();
        // More than any limit that follows the machine.
        self.keeps_busy(cores.max(10) + 5, true)?;
        self.keeps_busy(cores, false)
    }

    /// The time that it computes fits the work.
    pub fn computes_what_it_reports(&self) -> Verdict {
        one_moment(|| self.computes())
    }

    fn computes(&self) -> Verdict {
        let (number, jobs) = (30, 12);
        let options = ["--number", &number.to_string(), "--jobs", &jobs.to_string()];
        let before = cpu_time(Of::Children);
        let run = Running::start(command(self.program, &options)).end()?;
        let spent = cpu_time(Of::Children) - before;
        let before = cpu_time(Of::Me);
        for _ in 0..jobs {
            fib(number);
        }
        let needed = cpu_time(Of::Me) - before;
        ensure!(
            spent * 3 >= needed,
            "to compute fib({number}) {jobs} times takes {} ms of processor time here, but the \
             program used {} ms in all: is every result computed by `fib`?\n{run}",
            needed.as_millis(),
            spent.as_millis(),
        );
        Ok(())
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

    fn start(&self, gate: &Gate, options: &[&str]) -> Running {
        let mut command = command(self.program, options);
        command.env(JOB_GATE, gate.address());
        Running::start(command)
    }

    /// The option that asks for so many workers, if there is a choice and it is to be used.
    fn workers(&self, workers: usize, option: bool) -> Vec<String> {
        match option && self.workers_option {
            true => vec!["--workers".into(), workers.to_string()],
            false => Vec::new(),
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

/// Whose time.
enum Of {
    /// Of this process.
    Me,
    /// Of all processes that this one has started and that have ended, and of those that they
    /// had started.
    Children,
}

/// How long a core has computed, for itself and for the system.
#[cfg(unix)]
fn cpu_time(of: Of) -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let who = match of {
        Of::Me => UsageWho::RUSAGE_SELF,
        Of::Children => UsageWho::RUSAGE_CHILDREN,
    };
    let usage = getrusage(who).expect("every process may ask");
    let spent = usage.user_time() + usage.system_time();
    Duration::from_micros(spent.num_microseconds().unsigned_abs())
}

/// Elsewhere nobody tells simply, and whatever was spent fits.
#[cfg(not(unix))]
fn cpu_time(_: Of) -> Duration {
    Duration::ZERO
}
