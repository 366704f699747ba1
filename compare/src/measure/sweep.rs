//! What came of the sweep: the same programs with more and more workers.

use serde::Serialize;
use shared::output::counted;

use super::Comparison;
use crate::options::Options;
use crate::run::Outcome;

/// The sweep with one number of workers.
#[derive(Serialize)]
pub struct Step {
    pub workers: usize,
    /// Pages × latency ÷ workers.
    pub ideal_s: f64,
    pub programs: Vec<StepFigures>,
}

#[derive(Serialize)]
pub struct StepFigures {
    pub name: &'static str,
    pub failure: Option<String>,
    pub time_s: Option<f64>,
    pub cpu_time_s: Option<f64>,
    pub connections: Option<usize>,
}

impl Comparison {
    /// Where more workers stopped helping each of the programs, and why.
    pub(super) fn limits(&self) -> Vec<String> {
        let latency_s = self.measured_latency_ms.unwrap_or(self.settings.latency_ms) / 1e3;
        let names = self
            .sweep
            .first()
            .map(|step| &step.programs[..])
            .unwrap_or_default();
        let limit = |(index, of): (usize, &StepFigures)| {
            let measured: Vec<(usize, &StepFigures, f64)> = self
                .sweep
                .iter()
                .filter_map(|step| {
                    let figures = &step.programs[index];
                    Some((step.workers, figures, figures.time_s?))
                })
                .collect();
            let (workers, last, time) = *measured.last()?;
            let enough = measured.windows(2).find(|pair| pair[1].2 > 0.9 * pair[0].2);
            let verdict = match enough {
                Some(pair) => format!("{} are enough", counted(pair[0].0, "worker")),
                None => "every step helped".into(),
            };
            let pages = self.settings.pages;
            let rounds = pages.div_ceil(workers);
            Some(format!(
                "{}: {verdict}. {} for {} are {} of {:.1} ms, {:.2} s of the {time:.2} s; the \
                 rest is its own work: to start, to open {}, {:.2} s of CPU time",
                of.name,
                counted(workers, "worker"),
                counted(pages, "page"),
                counted(rounds, "round"),
                latency_s * 1e3,
                rounds as f64 * latency_s,
                counted(last.connections.unwrap_or(0), "connection"),
                last.cpu_time_s.unwrap_or(0.0),
            ))
        };
        names.iter().enumerate().filter_map(limit).collect()
    }
}

pub(super) fn steps(options: &Options, latency_s: f64, outcomes: Vec<Outcome>) -> Vec<Step> {
    let step = |workers: &usize| Step {
        workers: *workers,
        ideal_s: options.pages as f64 * latency_s / *workers as f64,
        programs: outcomes
            .iter()
            .filter(|outcome| outcome.workers == *workers)
            .map(|outcome| {
                let run = outcome.run.as_ref().ok();
                StepFigures {
                    name: outcome.program.name,
                    failure: outcome.run.as_ref().err().cloned(),
                    time_s: run.map(|run| run.elapsed.as_secs_f64()),
                    cpu_time_s: run.map(|run| run.cpu_time.as_secs_f64()),
                    connections: run.and_then(|run| run.lanes),
                }
            })
            .collect(),
    };
    options.sweep.iter().map(step).collect()
}
