//! How many jobs are under way while none of them gets leave to begin.

use std::time::Duration;

use super::{Computer, WORKERS, jobs_were, start};
use crate::grader::rest::{Rested, watch};
use crate::grader::{Failure, Run, Running, Verdict, whence};
use crate::jobs::Gate;
use crate::options::Workers;
use crate::output::counted;

impl Computer {
    /// It keeps so many busy, with the option for them or by default.
    pub(super) fn keeps_busy(&self, workers: usize, option: bool) -> Verdict {
        let jobs = 2 * workers + 3;
        let gate = closed_gate()?;
        let options = format!("--jobs {jobs}{}", self.workers(workers, option));
        let (running, rested) = self.hold(&gate, &options, workers);
        #[cfg(target_os = "linux")]
        let (threads, children) = {
            use crate::grader::proc::{children, process};
            let id = running.id();
            let children = children(id).into_iter().filter(|child| child.state != 'Z');
            (process(id).map_or(0, |it| it.threads), children.count())
        };
        let run = running.stop();
        if rested.ended {
            return Err(ended_too_soon(&run));
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
                0 | 1 => "does one job wait for another: is a thread joined before the next is \
                     started, a lock held during a job, or is the loop itself not parallel?"
                    .into(),
                _ => whence(under_way, workers),
            },
        );
        ensure!(
            under_way <= workers,
            "{} under way at once{asked_for}; there should be {workers}: {}\n{run}",
            jobs_were(under_way),
            match self.workers_option {
                true if option && under_way == jobs => "is there a limit on the threads?".into(),
                true => whence(under_way, workers),
                false => "is each job done before the next begins, on one thread?".into(),
            },
        );
        #[cfg(target_os = "linux")]
        {
            ensure!(
                self.workers_option || threads == 1,
                "a job is under way, and the program has {threads} threads; one should do all the \
                 work: what starts another one?\n{run}"
            );
            // One for `main`, and a few that hand out or collect.
            ensure!(
                threads <= workers + 4,
                "{} under way{asked_for}, and the program has {threads} threads: is a thread \
                 started for every job? A worker should take the next job when one is done.\n{run}",
                jobs_were(under_way),
            );
        }
        ensure!(
            !rested.restless,
            "no job may begin yet, but the program uses the processor all the time: does it look \
             again and again whether something is done, instead of waiting for it?\n{run}"
        );
        Ok(())
    }

    /// It keeps all jobs under way, if there are fewer than workers.
    pub(super) fn shares_few_jobs(&self) -> Verdict {
        let jobs = WORKERS - 1;
        let options = format!("--jobs {jobs}{}", self.workers(WORKERS, true));
        let (running, rested) = self.hold(&closed_gate()?, &options, jobs);
        let run = running.stop();
        if rested.ended {
            return Err(ended_too_soon(&run));
        }
        ensure!(
            rested.under_way == jobs,
            "{} under way at once, with `--workers {WORKERS} --jobs {jobs}`; all {jobs} should be: \
             are a few jobs done in another way than many?\n{run}",
            jobs_were(rested.under_way),
        );
        Ok(())
    }

    /// Without any option it is asked for the same as the other programs.
    pub(super) fn has_the_usual_defaults(&self) -> Verdict {
        let gate = closed_gate()?;
        let workers = if self.workers_option {
            Workers::EveryCore.number()
        } else {
            1
        };
        let (running, _) = self.hold(&gate, "", workers);
        let run = running.stop();
        let jobs = gate.seen().jobs;
        let what = jobs.first().map_or("no job", |job| &job.what);
        ensure!(
            what == "fib(35)",
            "without any option the first job should be fib(35), as in the other programs, but it \
             was {what}: are the options those of `Computations::from_command_line`?\n{run}"
        );
        Ok(())
    }

    /// Starts it and watches it until it is at rest, or has ended.
    fn hold(&self, gate: &Gate, options: &str, promised: usize) -> (Running, Rested) {
        let mut running = self.start_at(gate, options);
        let rested = watch(&mut running, promised, || {
            let jobs = gate.seen().jobs;
            (jobs.len(), jobs.iter().filter(|job| !job.ended).count())
        });
        (running, rested)
    }
}

/// A gate that lets no job through: it would take more of them than there ever are.
fn closed_gate() -> Result<Gate, Failure> {
    const NEVER: usize = 1_000_000_000;
    start(Gate::start_patient(NEVER, NEVER, Duration::from_secs(600)))
}

fn ended_too_soon(run: &Run) -> Failure {
    if let Err(failure) = run.reached_its_end() {
        return failure;
    }
    Failure::new(format!(
        "the program ended before any of its jobs could begin: does it wait for them?\n{run}"
    ))
}
