//! Runs the programs, one after another, and keeps what came of each.

mod building;
mod memory;
mod watching;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, process};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use serde::Serialize;
use shared::downloads::{PRACTICE, faulty};
use shared::jobs::{JOB_LOG, JobSeen, most_at_once, read_log};
use shared::output::counted;
use shared::site::{Observations, PracticeSite};
use shared::{Error, Result};

use crate::options::Options;
use crate::programs::{Model, OwnJob, Program, Work, cores};
pub use building::PROFILE;
pub use memory::MEMORY_IS;
use watching::{End, watch};
pub use watching::{interrupted, notice_interruptions};

/// What came of one run of a program.
pub struct Outcome {
    pub program: &'static Program,
    pub workers: usize,
    /// Whether the run was part of the sweep.
    pub sweep: bool,
    pub run: Fate,
}

/// What was measured, or why there is nothing to measure.
pub type Fate<T = Run> = std::result::Result<T, String>;

/// What was measured of a run that came to its end, and what the site saw of it.
pub struct Run {
    /// From the start of the process to its end.
    pub elapsed: Duration,
    /// Of all its processes together.
    pub cpu_time: Duration,
    /// The most memory in use at once, in bytes: [`MEMORY_IS`] says of what.
    pub memory: Option<u64>,
    /// Pages fetched or jobs done, by the program's own word.
    pub done: usize,
    /// Pages answered well by the site, or jobs in the log, if there is one.
    pub good: usize,
    /// Connections or threads, if anybody counted them.
    pub lanes: Option<usize>,
    /// Requests or jobs, if anybody counted them.
    pub most_at_once: Option<usize>,
    /// How long the site took over a page.
    pub latency: Option<Duration>,
    pub bars: Vec<Bar>,
}

/// A request or a job; times are in seconds since the first one.
#[derive(Serialize)]
pub struct Bar {
    /// Which connection or thread it was on; the first is 0.
    pub lane: usize,
    /// The page or the job.
    pub what: String,
    #[serde(rename = "start_s")]
    pub start: f64,
    #[serde(rename = "end_s")]
    pub end: f64,
    pub good: bool,
}

/// Runs every program as often as asked for, in rounds, so that a busy moment of the machine
/// hits all of them alike.
///
/// # Errors
/// There is no cargo, the practice site does not start, or somebody interrupts. A program's
/// own failure is an outcome.
pub fn run_all(options: &Options) -> Result<Vec<Outcome>> {
    let executables = building::executables(options)?;
    let mut outcomes = plan(options);
    let bar = progress_bar(&outcomes, options);
    for outcome in &mut outcomes {
        let before = bar.position();
        let expected = expected_time(outcome, options).as_millis() as u64;
        bar.set_message(outcome.program.name);
        let meanwhile = |elapsed: Duration| {
            bar.set_position(before + expected.min(elapsed.as_millis() as u64));
        };
        if let Some(executable) = executables.get(outcome.program.name) {
            outcome.run = run(outcome, executable, options, meanwhile)?;
        }
        bar.set_position(before + expected);
    }
    Ok(outcomes)
}

/// Every run to make, in order, with what is to be said of it if it cannot be made.
fn plan(options: &Options) -> Vec<Outcome> {
    let missing = match &options.folder {
        Some(folder) => format!("missing: there is none in {}", folder.display()),
        None => "missing: it was not built, the reason is above".into(),
    };
    let outcome = |program: &'static Program, workers, sweep| Outcome {
        program,
        workers: program.workers(workers),
        sweep,
        run: Err(missing.clone()),
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
fn progress_bar(plan: &[Outcome], options: &Options) -> ProgressBar {
    let expected = plan.iter().map(|outcome| expected_time(outcome, options));
    let style = ProgressStyle::with_template("{bar:40} {elapsed} {msg}")
        .expect("it is a template")
        .progress_chars("━╸ ");
    ProgressBar::new(expected.sum::<Duration>().as_millis() as u64)
        .with_style(style)
        .with_finish(ProgressFinish::AndClear)
}

/// How long a run takes if nothing comes between. No estimate is more than a year.
fn expected_time(outcome: &Outcome, options: &Options) -> Duration {
    let (program, latency) = (outcome.program, options.latency.as_secs_f64());
    let at_once = match program.model {
        Model::OneThread => 1,
        _ => outcome.workers,
    };
    let job = 0.035 * 1.618_f64.powi(options.number as i32 - 35);
    let seconds = match (program.own_job, program.work, program.model) {
        (Some(OwnJob::TwoFunctions), ..) => 2.0,
        (Some(OwnJob::Files), ..) => 1.0,
        (None, Work::Downloads, _) => latency * options.pages.div_ceil(at_once) as f64,
        // A call that is awaited takes 12 to 14 times as long as one that is not.
        (None, Work::Computations, Model::EventLoop) => 15.0 * job * options.jobs as f64,
        (None, Work::Computations, _) => job * options.jobs.div_ceil(at_once.min(cores())) as f64,
    };
    Duration::from_secs_f64((0.02 + seconds).min(365.0 * 24.0 * 3600.0))
}

/// Runs a program once.
fn run(
    outcome: &Outcome,
    executable: &Path,
    options: &Options,
    meanwhile: impl FnMut(Duration),
) -> Result<Fate> {
    let mut command = Command::new(executable);
    let program = outcome.program;
    if program.has_workers_option() {
        command.args(["--workers", &outcome.workers.to_string()]);
    }
    let generous = 10 * expected_time(outcome, options) + Duration::from_secs(60);
    let limit = options.limit.unwrap_or(generous);
    if (program.work, program.own_job) == (Work::Downloads, None) {
        let site = PracticeSite::start(options.latency)
            .map_err(|error| Error::from(error).while_doing("cannot start the site"))?;
        let pages = if options.faulty {
            faulty()
        } else {
            PRACTICE.to_vec()
        };
        let patience = options.latency.as_secs_f64() * 3.0 + 10.0;
        command
            .args(pages.into_iter().map(|page| site.url(page)))
            .args(["--pages", &options.pages.to_string()])
            .args(["--timeout", &patience.to_string()]);
        let end = watch(&mut command, limit, meanwhile)?;
        return Ok(end.and_then(|end| end.downloads(settled(&site), options.pages)));
    }
    let folder = OwnFolder::create()?;
    let log = folder.0.join("jobs");
    // Files that it makes are gone with the folder, even if it is stopped.
    command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &folder.0)));
    if program.own_job.is_none() {
        command
            .args(["--number", &options.number.to_string()])
            .args(["--jobs", &options.jobs.to_string()]);
    }
    let end = watch(command.env(JOB_LOG, &log), limit, meanwhile)?;
    Ok(end.and_then(|end| match program.own_job {
        Some(OwnJob::TwoFunctions) => end.functions(),
        _ => end.jobs(&log),
    }))
}

/// What a site has seen when it has noticed, too, that its last client is gone.
fn settled(site: &PracticeSite) -> Observations {
    for _ in 0..500 {
        let seen = site.observations();
        if seen.requests.iter().all(|request| request.end.is_some()) {
            return seen;
        }
        thread::sleep(Duration::from_millis(2));
    }
    site.observations()
}

impl End {
    fn downloads(self, seen: Observations, pages: usize) -> Fate {
        // The contract of the downloaders: 0 if every page was fetched, else 1.
        let promised = i32::from(self.said.done < pages);
        if self.usage.status.code() != Some(promised) {
            let pages = counted(pages, "page");
            return Err(self.failure(&format!(" after {} of {pages}", self.said.done)));
        }
        let first = seen
            .requests
            .first()
            .map(|request| request.start)
            .unwrap_or_default();
        let seconds = |time: Duration| (time - first).as_secs_f64();
        Ok(Run {
            good: seen.requests.iter().filter(|request| request.good).count(),
            lanes: Some(seen.connections),
            most_at_once: Some(seen.most_in_flight),
            latency: Some(seen.mean_latency()),
            bars: seen
                .requests
                .iter()
                .map(|request| Bar {
                    lane: request.connection,
                    what: request.path.to_string(),
                    start: seconds(request.start),
                    end: seconds(request.end.unwrap_or(first + self.elapsed)),
                    good: request.good,
                })
                .collect(),
            ..self.into()
        })
    }

    fn jobs(self, log: &Path) -> Fate {
        if !self.usage.status.success() {
            return Err(self.failure(""));
        }
        let jobs = read_log(log).map_err(|error| {
            let error = error.while_doing("it left no log of its jobs");
            error.to_string()
        })?;
        // What computes no job by itself has none to note.
        let seen = |figure: usize| Some(figure).filter(|_| !jobs.is_empty());
        let threads: HashSet<usize> = jobs.iter().map(|job| job.thread).collect();
        Ok(Run {
            good: seen(jobs.len()).unwrap_or(self.said.done),
            lanes: seen(threads.len()),
            most_at_once: seen(most_at_once(&jobs)),
            bars: jobs.into_iter().map(Bar::from).collect(),
            ..self.into()
        })
    }

    fn functions(self) -> Fate {
        if !self.usage.status.success() {
            return Err(self.failure(""));
        }
        Ok(Run {
            most_at_once: Some(self.said.most_at_once),
            ..self.into()
        })
    }

    /// Says how it ended, and what it said of that.
    fn failure(&self, after: &str) -> String {
        let complaint = self.complaint.as_ref().map(|line| format!(": {line}"));
        let complaint = complaint.unwrap_or_default();
        format!("ended with {}{after}{complaint}", self.usage.status)
    }
}

impl From<End> for Run {
    fn from(end: End) -> Self {
        Self {
            elapsed: end.elapsed,
            cpu_time: end.usage.rusage.utime + end.usage.rusage.stime,
            memory: end.memory,
            done: end.said.done,
            good: end.said.done,
            lanes: None,
            most_at_once: None,
            latency: None,
            bars: Vec::new(),
        }
    }
}

impl From<JobSeen> for Bar {
    fn from(job: JobSeen) -> Self {
        Self {
            lane: job.thread,
            what: job.what,
            start: job.start.as_secs_f64(),
            end: job.end.as_secs_f64(),
            good: true,
        }
    }
}

/// A new folder for temporary files, removed when dropped.
struct OwnFolder(PathBuf);

impl OwnFolder {
    fn create() -> Result<Self> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let name = format!("compare-{}-{}", process::id(), now.as_nanos());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder)
            .map_err(|error| Error::from(error).while_doing("cannot make a temporary folder"))?;
        Ok(Self(folder))
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        // What is left then is among the system's other temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
