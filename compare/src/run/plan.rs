//! Which runs are to be made, and how long they should take.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use super::Outcome;
use crate::options::Options;
use crate::programs::{Model, OwnJob, Program, Work, cores};

/// Every run to make, in order, with what is to be said of it if it cannot be made.
pub fn plan(options: &Options) -> Vec<Outcome> {
    let missing = match &options.folder {
        Some(folder) => format!("missing: there is none in {}", folder.display()),
        None => "missing: it was not built, the reason is above".into(),
    };
    let outcome = |program: &'static Program, workers, sweep| Outcome {
        program,
        workers: program.workers(workers),
        sweep,
        run: Err(match program.lacks() {
            Some(lacking) => format!("missing: {lacking}"),
            None => missing.clone(),
        }),
    };
    let mut plan = Vec::new();
    for _ in 0..options.runs {
        for program in &options.programs {
            plan.push(outcome(program, options.workers, false));
        }
    }
    for workers in &options.sweep {
        for program in options.programs.iter().filter(|program| program.sweeps()) {
            plan.push(outcome(program, Some(*workers), true));
        }
    }
    plan
}

/// Shown on a terminal only, and drawn while a program runs: seldom, so that it disturbs none.
pub fn progress_bar(plan: &[Outcome], options: &Options) -> ProgressBar {
    let expected = plan.iter().map(|outcome| expected_time(outcome, options));
    let style = ProgressStyle::with_template("{bar:40} {elapsed} {msg}")
        .expect("it is a template")
        .progress_chars("━╸ ");
    ProgressBar::new(expected.sum::<Duration>().as_millis() as u64)
        .with_style(style)
        .with_finish(ProgressFinish::AndClear)
}

/// How long a run takes if nothing comes between. No estimate is more than a year.
pub fn expected_time(outcome: &Outcome, options: &Options) -> Duration {
    let (program, latency) = (outcome.program, options.latency.as_secs_f64());
    let at_once = match program.model {
        Model::OneThread => 1,
        _ => outcome.workers,
    };
    let job = 0.035 * 1.618_f64.powi(options.number as i32 - 35);
    // A call takes Python about thirty times as long, and only one of its threads computes.
    let (job, at_once) = match (program.twin, program.model) {
        (None, _) => (job, at_once),
        (Some(_), Model::Threads) if program.work == Work::Computations => (30.0 * job, 1),
        (Some(_), Model::EventLoop) => (6.0 * job, at_once),
        (Some(_), _) => (30.0 * job, at_once),
    };
    let seconds = match (program.own_job, program.work, program.model) {
        (Some(OwnJob::TwoFunctions | OwnJob::Deadlock), ..) => 2.0,
        (Some(OwnJob::Files), ..) => 1.0,
        (None, Work::Downloads, _) => latency * options.pages.div_ceil(at_once) as f64,
        // A call that is awaited takes 12 to 14 times as long as one that is not.
        (None, Work::Computations, Model::EventLoop) => 15.0 * job * options.jobs as f64,
        (None, Work::Computations, _) => job * options.jobs.div_ceil(at_once.min(cores())) as f64,
    };
    Duration::from_secs_f64((0.02 + seconds).min(365.0 * 24.0 * 3600.0))
}
