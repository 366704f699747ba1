//! Whether the next job begins when one is done: the gate as a turnstile.

use super::every_job::does_not_end;
use super::{Computer, WORKERS, jobs_were, start};
use crate::grader::{Failure, Verdict};
use crate::jobs::{Gate, GateSeen};
use crate::output::counted;

impl Computer {
    /// As soon as one job is done the next begins, for as long as any are left: one gets leave,
    /// and only when as many ask again the next.
    pub fn goes_on_when_a_job_is_done(&self) -> Verdict {
        let workers = if self.workers_option { WORKERS } else { 1 };
        let jobs = 16 * workers + 3;
        let gate = start(Gate::start(workers, jobs))?;
        let options = self.options(20, jobs, workers);
        let run = self.start_at(&gate, &options).end();
        let run = run.map_err(|hung| does_not_end(&gate.seen().jobs, jobs, hung))?;
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
}
