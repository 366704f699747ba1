//! What came of a run: what was measured of it, and what the site or the log of jobs saw.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use shared::jobs::{JobSeen, most_at_once, read_log};
use shared::output::{counted, harmless};
use shared::site::Observations;
use wait4::ResUse;

use super::listening::Said;
use crate::programs::Program;

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
    /// The most memory in use at once, in bytes: [`MEMORY_IS`](super::MEMORY_IS) says of what.
    pub memory: Option<u64>,
    /// Pages fetched or jobs done, by the program's own word, if it knows.
    pub done: usize,
    /// How many pages it announced that it fetched, if it does not know.
    pub announced: Option<usize>,
    /// Pages answered well by the site, or jobs in the log, if there is one.
    pub good: usize,
    /// Connections, threads or workers of a queue, if anybody counted them.
    pub lanes: Option<usize>,
    /// Requests or jobs, if anybody counted them.
    pub most_at_once: Option<usize>,
    /// How long the site took over a page.
    pub latency: Option<Duration>,
    pub bars: Vec<Bar>,
    /// What a downloader computed beside.
    pub computations: Vec<Bar>,
}

/// A request or a job; times are in seconds since the first one.
#[derive(Serialize)]
pub struct Bar {
    /// Which connection, thread or worker of a queue it was on; the first is 0.
    pub lane: usize,
    /// The page or the job.
    pub what: String,
    #[serde(rename = "start_s")]
    pub start: f64,
    #[serde(rename = "end_s")]
    pub end: f64,
    pub good: bool,
    /// Whether the client left before it was answered.
    pub abandoned: bool,
    /// Of the answer, if there was one; a job has none.
    pub status: Option<u16>,
    /// How large its body was, or the part of it that was sent.
    pub bytes: Option<usize>,
}

/// A process that ended by itself.
pub struct End {
    pub elapsed: Duration,
    pub usage: ResUse,
    pub memory: Option<u64>,
    /// What it said of its work.
    pub said: Said,
    /// The last thing it complained about.
    pub complaint: Option<String>,
}

impl End {
    /// Of jobs that were `computed` beside, times are counted from the start of the site.
    pub fn downloads(
        mut self,
        seen: Observations,
        program: &Program,
        pages: usize,
        computed: Vec<JobSeen>,
    ) -> Fate {
        // The contract of the downloaders: 0 if every page was fetched, else 1. Those in Python
        // know only exceptions: one that somebody looks at ends the program.
        let promised = i32::from(self.said.done < pages && program.twin.is_none());
        // A board that does not take its name, say: it complains, and asks for nothing.
        let gave_up = self.said.done == 0 && seen.requests.is_empty() && self.complaint.is_some();
        if gave_up || self.usage.status.code() != Some(promised) {
            let pages = counted(pages, "page");
            return Err(self.failure(&format!(" after {} of {pages}", self.said.done)));
        }
        let first = seen
            .requests
            .first()
            .map(|request| request.start)
            .unwrap_or_default();
        let seconds = |time: Duration| time.saturating_sub(first).as_secs_f64();
        let given = seen.requests.iter().filter(|request| request.good).count();
        let announced = program.twin.map(|_| self.said.announced);
        if announced.is_some() {
            self.said.done = given;
        }
        Ok(Run {
            announced,
            good: given + self.said.remembered,
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
                    abandoned: request.left,
                    status: request.status,
                    bytes: request.bytes,
                })
                .collect(),
            computations: computed
                .into_iter()
                .map(|job| Bar {
                    start: seconds(job.start),
                    end: seconds(job.end),
                    ..job.into()
                })
                .collect(),
            ..self.into()
        })
    }

    pub fn jobs(self, log: &Path) -> Fate {
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

    /// Ends well with the status that was promised.
    pub fn functions(self, promised: i32) -> Fate {
        if self.usage.status.code() != Some(promised) {
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
            announced: None,
            good: end.said.done,
            lanes: None,
            most_at_once: None,
            latency: None,
            bars: Vec::new(),
            computations: Vec::new(),
        }
    }
}

impl From<JobSeen> for Bar {
    fn from(job: JobSeen) -> Self {
        Self {
            lane: job.thread,
            what: harmless(&job.what).into_owned(),
            start: job.start.as_secs_f64(),
            end: job.end.as_secs_f64(),
            good: true,
            abandoned: false,
            status: None,
            bytes: None,
        }
    }
}
