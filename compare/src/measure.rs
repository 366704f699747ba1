//! Makes figures of what came of the runs, and says which of them are not to be trusted.
//!
//! Everything here goes into the file that `--json` names, under the names that it has here;
//! `compare/JSON.md` explains them to its reader.

mod doubts;
mod sweep;

use std::collections::HashMap;
use std::fs;

use serde::Serialize;
use shared::downloads::{PRACTICE, faulty};

use crate::options::Options;
use crate::programs::{LESSONS, Model, OwnJob, Program, Work, cores};
use crate::run::{Bar, MEMORY_IS, Outcome, PROFILE, Run};
pub use sweep::Step;

/// Everything that was measured.
#[derive(Serialize)]
pub struct Comparison {
    pub machine: Machine,
    pub settings: Settings,
    /// How long the site really took over a page, on average.
    pub measured_latency_ms: Option<f64>,
    pub memory_is: &'static str,
    pub programs: Vec<Figures>,
    pub sweep: Vec<Step>,
    /// Why the figures are not to be compared, or not to be trusted.
    pub notes: Vec<String>,
    /// Where more workers stopped helping, and why.
    pub sweep_notes: Vec<String>,
}

#[derive(Serialize)]
pub struct Machine {
    pub system: &'static str,
    pub architecture: &'static str,
    pub processor: Option<String>,
    pub cores: usize,
}

#[derive(Serialize)]
pub struct Settings {
    pub profile: &'static str,
    pub pages: usize,
    pub latency_ms: f64,
    pub workers: Option<usize>,
    pub faulty: bool,
    /// The board that gave the pages; else every program had a site of its own.
    pub board: Option<String>,
    /// The interpreter of the twins in Python, if any were run.
    pub python: Option<String>,
    pub number: u32,
    pub jobs: usize,
    pub runs: usize,
}

/// The figures of one program.
#[derive(Serialize)]
pub struct Figures {
    pub name: &'static str,
    /// The program that it varies, if it is an example.
    pub varies: Option<&'static str>,
    /// The program whose twin in Python it is.
    pub twin: Option<&'static str>,
    pub language: String,
    pub work: Work,
    /// Whether it does something else, which takes a time of its own.
    pub own_job: bool,
    pub model: String,
    pub workers: usize,
    /// Why there are no figures.
    pub failure: Option<String>,
    pub measured: Option<Measured>,
    #[serde(skip)]
    lesson: &'static str,
    #[serde(skip)]
    pub kind: Model,
    /// What it has to do, piece by piece.
    #[serde(skip)]
    unit: &'static str,
    /// Whether it is to end in a deadlock.
    #[serde(skip)]
    deadlock: bool,
}

/// The figures of the run that took the median time.
#[derive(Serialize)]
pub struct Measured {
    pub time_s: f64,
    /// The times of all runs, in the order in which they were made.
    pub times_s: Vec<f64>,
    /// How many times as fast as the sync program in the same language.
    pub speed_up: Option<f64>,
    /// How many times as fast as this its twin in Rust was.
    pub twin_speed_up: Option<f64>,
    pub most_at_once: Option<usize>,
    /// Connections, threads or workers of a queue.
    pub lanes: Option<usize>,
    pub cpu_time_s: f64,
    pub memory_bytes: Option<u64>,
    pub ok: usize,
    pub failed: usize,
    /// How many pages a program that does not know announced that it fetched.
    pub announced: Option<usize>,
    pub bars: Vec<Bar>,
    /// What a downloader computed beside, on a lane for each thread.
    pub computations: Vec<Bar>,
    #[serde(skip)]
    latency_ms: Option<f64>,
    #[serde(skip)]
    good: usize,
}

impl Comparison {
    /// `python` is what the twins in Python, if there are any, were run by.
    pub fn new(options: &Options, python: Option<String>, outcomes: Vec<Outcome>) -> Self {
        let (swept, compared): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|outcome| outcome.sweep);
        let python = python.filter(|_| compared.iter().any(|run| run.program.twin.is_some()));
        let programs = figures(options, python.as_deref(), compared);
        let latencies: Vec<f64> = programs
            .iter()
            .filter_map(|program| program.measured.as_ref()?.latency_ms)
            .collect();
        let measured_latency_ms = mean(&latencies);
        let latency_s = measured_latency_ms.unwrap_or(milliseconds(options)) / 1e3;
        let mut comparison = Self {
            machine: Machine {
                system: std::env::consts::OS,
                architecture: std::env::consts::ARCH,
                processor: processor(),
                cores: cores(),
            },
            settings: Settings {
                profile: PROFILE,
                pages: options.pages,
                latency_ms: milliseconds(options),
                workers: options.workers,
                faulty: options.faulty,
                board: options.board.clone(),
                python,
                number: options.number,
                jobs: options.jobs,
                runs: options.runs,
            },
            measured_latency_ms,
            memory_is: MEMORY_IS,
            programs,
            sweep: sweep::steps(options, latency_s, swept),
            notes: Vec::new(),
            sweep_notes: Vec::new(),
        };
        comparison.notes = comparison.doubts();
        comparison.sweep_notes = comparison.limits();
        comparison
    }

    /// The programs that do this work, with their variations, if any were chosen.
    pub fn of(&self, work: Work) -> Vec<&Figures> {
        self.programs
            .iter()
            .filter(|program| program.work == work)
            .collect()
    }

    /// Whether any program did less than it should have.
    pub fn failed(&self) -> bool {
        let fell_short = |program: &Figures| match &program.measured {
            Some(measured) => self.fell_short(program, measured),
            None => true,
        };
        let sweep = self.sweep.iter().flat_map(|step| &step.programs);
        self.programs.iter().any(fell_short) || sweep.into_iter().any(|step| step.failure.is_some())
    }

    fn fell_short(&self, program: &Figures, measured: &Measured) -> bool {
        if program.own_job {
            (measured.failed > 0) != program.deadlock
        } else {
            measured.ok < self.possible(program.work)
        }
    }

    /// How many pages can be fetched, or jobs be done.
    fn possible(&self, work: Work) -> usize {
        match work {
            Work::Computations => self.settings.jobs,
            Work::Downloads if self.settings.faulty => faulty()
                .iter()
                .cycle()
                .take(self.settings.pages)
                .filter(|page| PRACTICE.contains(page))
                .count(),
            Work::Downloads => self.settings.pages,
        }
    }
}

fn figures(options: &Options, python: Option<&str>, mut outcomes: Vec<Outcome>) -> Vec<Figures> {
    let mut all: Vec<Figures> = Vec::new();
    for program in &options.programs {
        let (own, others) = outcomes
            .into_iter()
            .partition(|outcome| outcome.program.name == program.name);
        outcomes = others;
        all.push(Figures::new(program, python, own, options));
    }
    let times: HashMap<&str, f64> = all
        .iter()
        .filter_map(|figures| Some((figures.name, figures.measured.as_ref()?.time_s)))
        .collect();
    let lessons = || LESSONS.iter().map(|lesson| &lesson.program);
    for figures in all.iter_mut().filter(|figures| !figures.own_job) {
        let sync = lessons()
            .find(|program| program.work == figures.work && program.model == Model::OneThread)
            .and_then(|sync| match figures.twin {
                None => Some(sync),
                Some(_) => sync.twins().next(),
            });
        if let Some(measured) = &mut figures.measured {
            let as_fast_as = |name: &str| Some(measured.time_s / times.get(name)?);
            measured.speed_up = sync.and_then(|sync| as_fast_as(sync.name)).map(f64::recip);
            measured.twin_speed_up = figures.twin.and_then(as_fast_as);
        }
    }
    all
}

impl Figures {
    /// A program that failed once has failed.
    fn new(
        program: &Program,
        python: Option<&str>,
        outcomes: Vec<Outcome>,
        options: &Options,
    ) -> Self {
        let workers = outcomes.first().map_or(1, |outcome| outcome.workers);
        let runs: Result<Vec<Run>, String> =
            outcomes.into_iter().map(|outcome| outcome.run).collect();
        let (failure, measured) = match runs {
            Ok(runs) => (None, Measured::median(runs, program, options)),
            Err(reason) => (Some(reason), None),
        };
        Self {
            name: program.name,
            varies: program.varies(),
            twin: program.twin,
            language: program.twin.and(python).unwrap_or("Rust").to_owned(),
            work: program.work,
            own_job: program.own_job.is_some(),
            model: program.model.in_words(workers),
            workers,
            failure,
            measured,
            lesson: program.lesson().program.name,
            kind: program.model,
            unit: program.unit(),
            deadlock: program.own_job == Some(OwnJob::Deadlock),
        }
    }

    /// The name of the lesson without the kind of work: "sync-downloader" is "sync".
    pub fn short_name(&self) -> &'static str {
        self.lesson.split('-').next().unwrap_or(self.lesson)
    }

    /// Its language without the version: "free-threaded Python".
    pub fn dialect(&self) -> &str {
        self.language
            .trim_end_matches(|c: char| !c.is_whitespace())
            .trim_end()
    }
}

impl Measured {
    /// From the first beginning of a request or job to the last end, in seconds.
    pub fn length(&self) -> f64 {
        let bars = self.bars.iter().chain(&self.computations);
        bars.map(|bar| bar.end).fold(0.0, f64::max)
    }

    fn median(mut runs: Vec<Run>, program: &Program, options: &Options) -> Option<Self> {
        let times_s: Vec<f64> = runs.iter().map(|run| run.elapsed.as_secs_f64()).collect();
        runs.sort_by_key(|run| run.elapsed);
        // Of an even number the faster of the two in the middle: a run that really was.
        let middle = runs.len().checked_sub(1)? / 2;
        let run = runs.swap_remove(middle);
        let asked = match (program.own_job, program.work) {
            (Some(OwnJob::TwoFunctions | OwnJob::Deadlock), _) => 2,
            // As many as it made; if it could not do one of them it has failed.
            (Some(OwnJob::Files), _) => run.done,
            (None, Work::Downloads) => options.pages,
            (None, Work::Computations) => options.jobs,
        };
        Some(Self {
            time_s: run.elapsed.as_secs_f64(),
            times_s,
            speed_up: None,
            twin_speed_up: None,
            most_at_once: run.most_at_once,
            lanes: run.lanes,
            cpu_time_s: run.cpu_time.as_secs_f64(),
            memory_bytes: run.memory,
            ok: run.done,
            announced: run.announced,
            failed: asked.saturating_sub(run.done),
            bars: run.bars,
            computations: run.computations,
            latency_ms: run.latency.map(|latency| latency.as_secs_f64() * 1e3),
            good: run.good,
        })
    }
}

fn milliseconds(options: &Options) -> f64 {
    options.latency.as_secs_f64() * 1e3
}

fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// The name of the processor, where the system tells it in a file.
fn processor() -> Option<String> {
    let file = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = file
        .lines()
        .find_map(|line| line.strip_prefix("model name"))?;
    let name = line
        .trim_start_matches([' ', '\t', ':'])
        .replace("(R)", "")
        .replace("(TM)", "");
    Some(name.split_whitespace().collect::<Vec<_>>().join(" "))
}
