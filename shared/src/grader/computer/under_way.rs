//! How many jobs are under way while none of them gets leave to begin.

use std::time::Duration;

use super::{Computer, jobs_were, start};
use crate::grader::rest::watch;
use crate::grader::{Failure, Verdict, whence};
use crate::jobs::Gate;
use crate::output::counted;

impl Computer {
    /// It keeps so many busy, with the option for them or by default.
    pub(super) fn keeps_busy(&self, workers: usize, option: bool) -> Verdict {
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
            use crate::grader::proc::{children, process};
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
}
