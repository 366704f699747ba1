//! Whether the workers compute all the time, while there are jobs.

use std::thread;
use std::time::{Duration, Instant};

use super::processor_time::{ROUNDED, summary_seconds};
use super::{Computer, WORKERS};
use crate::grader::rest::{RESTLESS, Rest, STUCK, WATCHED, computed, one_moment};
use crate::grader::{Failure, Run, Running, Verdict};
use crate::output::counted;

/// What there is to do, and how many threads must compute meanwhile.
#[derive(Clone, Copy)]
struct Load {
    number: u32,
    result: u64,
    jobs: usize,
    at_least: usize,
}

impl Computer {
    /// It does a thousand quick jobs to the last, and every worker computes as long as any are left.
    pub fn computes_all_the_time(&self) -> Verdict {
        let workers = if self.workers_option { WORKERS } else { 1 };
        // More than any channel or list has room for that was not made for them. These show a
        // pause; how many of so quick ones are computed at once is up to the scheduler.
        let quick = Load {
            number: 25,
            result: 75_025,
            jobs: 1_100,
            at_least: 1,
        };
        // These show a lock. One worker may wait until who hands out the jobs gets a core.
        let slow = Load {
            number: 30,
            result: 832_040,
            jobs: 60,
            at_least: workers.max(2) - 1,
        };
        one_moment(|| self.is_at_work(workers, quick))?;
        one_moment(|| self.is_at_work(workers, slow))?;
        self.does_very_many()
    }

    /// It does as many jobs as it is asked for, however many these are.
    fn does_very_many(&self) -> Verdict {
        // A process is started in more time than a thread, and gets every job in a message.
        let (jobs, workers) = match self.processes {
            true => (10_000, 20),
            false => (100_000, 100),
        };
        let options = self.options(1, jobs, workers);
        let run = Running::start(self.command(&options)).end()?;
        run.reached_its_end()?;
        ensure!(
            run.stdout
                .starts_with(&format!("fib(1) = 1, {jobs} times\n")),
            "with `{options}` the program should print `fib(1) = 1, {jobs} times`, but it ended \
             with {}: does something have room for only so many: a number of few bits, \
             a stack, a channel?\n{run}",
            run.status,
        );
        run.ended_with(0, "that every job was done")
    }

    fn is_at_work(&self, workers: usize, load: Load) -> Verdict {
        let jobs = load.jobs;
        let options = self.options(load.number, jobs, workers);
        let start = Instant::now();
        let mut running = Running::start(self.command(&options));
        let (mut rest, mut looks) = (Rest::new(), Looks::default());
        while !running.has_ended() && start.elapsed() < WATCHED {
            looks.look(&running, workers, load.at_least, self.processes);
            let so_far = computed(&running);
            if !so_far.is_zero() && rest.lasts((0, 0, so_far)) > STUCK {
                return Err(Failure::last(format!(
                    "with {jobs} jobs the program neither computes nor ends, though it did with \
                     a few: what does it wait for: a channel that is full, because nobody takes \
                     from it before the end?\n{}",
                    running.stop()
                )));
            }
            // Whoever pauses may take minutes over so many jobs.
            if start.elapsed() > RESTLESS && looks.are_too_few() {
                return Err(looks.too_few(load, &running.stop()));
            }
            thread::sleep(Duration::from_millis(2));
        }
        let run = running.end()?;
        let elapsed = start.elapsed();
        run.reached_its_end()?;
        let line = format!("fib({}) = {}, {jobs} times\n", load.number, load.result);
        ensure!(
            run.stdout.starts_with(&line),
            "with `{options}` the program should print `{}`: is a result lost if there are \
             many?\n{run}",
            line.trim_end(),
        );
        ensure!(
            looks.by_parent <= looks.by_workers || !self.processes,
            "the program itself has computed more than its worker processes together: are the \
             jobs done in the parent instead of the workers?\n{run}"
        );
        if looks.are_too_few() {
            return Err(looks.too_few(load, &run));
        }
        ensure!(
            looks.crowded <= looks.all / 2,
            "with {jobs} jobs more threads computed than {}, in {} of {} looks at the program: are \
             many jobs done in another way than a few?\n{run}",
            counted(workers, "worker"),
            looks.crowded,
            looks.all,
        );
        let told = summary_seconds(&run);
        ensure!(
            told.is_none_or(|seconds| seconds <= elapsed.as_secs_f64() + ROUNDED),
            "the program ran for {:.2} s, but the summary says {} s: is that the time from before \
             the first job to after the last, or are the times of jobs added up that were done at \
             once?\n{run}",
            elapsed.as_secs_f64(),
            told.unwrap_or_default(),
        );
        run.ended_with(0, "that every job was done")
    }
}

/// What was seen of a program whenever somebody looked.
#[derive(Default)]
struct Looks {
    all: usize,
    /// At how many of them enough threads computed.
    busy: usize,
    /// At how many of them more threads computed than there are workers; where these are several,
    /// one more may hand out the jobs.
    crowded: usize,
    /// For how long the parent and its worker processes have computed.
    by_parent: Duration,
    by_workers: Duration,
}

impl Looks {
    /// A program begins and ends with one thread: what counts is what lies between.
    #[cfg(target_os = "linux")]
    fn look(&mut self, running: &Running, workers: usize, at_least: usize, processes: bool) {
        use crate::grader::proc::{children, computing_threads, process};

        let id = running.id();
        let mut computing = computing_threads(id);
        if processes {
            let children = children(id);
            computing += children
                .iter()
                .map(|child| computing_threads(child.id))
                .sum::<usize>();
            let computed = children.iter().map(|child| child.computed).sum();
            self.by_workers = self.by_workers.max(computed);
            self.by_parent = process(id).map_or(self.by_parent, |parent| parent.computed);
        }
        self.all += 1;
        self.busy += usize::from(computing >= at_least);
        self.crowded += usize::from(computing > workers + usize::from(workers > 1));
    }

    /// Elsewhere nobody tells.
    #[cfg(not(target_os = "linux"))]
    fn look(&mut self, _: &Running, _: usize, _: usize, _: bool) {}

    /// A third of them may fall between two jobs.
    fn are_too_few(&self) -> bool {
        3 * self.busy < 2 * self.all
    }

    fn too_few(&self, load: Load, run: &Run) -> Failure {
        let Load { jobs, at_least, .. } = load;
        Failure::new(format!(
            "at least {} should compute until the last of {jobs} jobs is done, but of {} looks at \
             the program only {} saw so many compute: {}\n{run}",
            counted(at_least, "thread"),
            self.all,
            self.busy,
            match at_least {
                1 => "does it pause between its jobs?",
                _ =>
                    "does a job wait for a lock that another holds while it computes, or is there \
                     a pause between the jobs?",
            },
        ))
    }
}
