//! Which programs there are, and the examples beside them.

mod python;

use std::sync::LazyLock;
use std::thread;

use serde::Serialize;
use shared::Workers::{self, EveryCore, One};
use shared::nats_server;
use shared::output::counted;

pub use python::TWINS;

/// A program, and its variations: the examples beside it.
pub struct Lesson {
    pub program: Program,
    pub variations: &'static [Program],
}

/// A program of this workspace, an example beside one, or the twin of one of these in Python.
pub struct Program {
    pub name: &'static str,
    pub work: Work,
    /// What it does instead of the work of its lesson, if it does.
    pub own_job: Option<OwnJob>,
    pub model: Model,
    workers: Workers,
    /// Whose twin in Python it is; `None`: it is written in Rust.
    pub twin: Option<&'static str>,
}

/// What the programs of a lesson spend their time on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Downloads,
    Computations,
}

/// A job that takes a time of its own, with nothing to compare it with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OwnJob {
    /// Calls two slow functions: one adds, the other subtracts.
    TwoFunctions,
    /// Makes two transfers that stop each other for ever, notices that, and ends with status 1.
    Deadlock,
    /// Compresses files that it makes.
    Files,
}

/// How a program does several things at once, if it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Model {
    OneThread,
    Threads,
    EventLoop,
    Processes,
    /// A queue of jobs on a server that it starts, and workers that take them.
    Queue,
}

const FIVE: Workers = Workers::Default(5);
const TWENTY: Workers = Workers::Default(20);
const HUNDRED: Workers = Workers::Default(100);

const fn downloader(name: &'static str, model: Model, workers: Workers) -> Program {
    Program {
        name,
        work: Work::Downloads,
        own_job: None,
        model,
        workers,
        twin: None,
    }
}

const fn computer(name: &'static str, model: Model, workers: Workers) -> Program {
    Program {
        work: Work::Computations,
        ..downloader(name, model, workers)
    }
}

const fn two_functions(name: &'static str, model: Model) -> Program {
    Program {
        own_job: Some(OwnJob::TwoFunctions),
        ..downloader(name, model, Workers::Default(2))
    }
}

const fn deadlock(name: &'static str) -> Program {
    Program {
        own_job: Some(OwnJob::Deadlock),
        ..two_functions(name, Model::Threads)
    }
}

/// Every lesson. Of each kind of work the sync twin comes first, with which the others are
/// compared.
pub static LESSONS: [Lesson; 6] = [
    Lesson {
        program: downloader("sync-downloader", Model::OneThread, One),
        variations: &[
            downloader("session_per_page", Model::OneThread, One),
            downloader("cached", Model::OneThread, One),
            downloader("retried", Model::OneThread, One),
        ],
    },
    Lesson {
        program: downloader("threaded-downloader", Model::Threads, FIVE),
        variations: &[
            downloader("scoped_threads", Model::Threads, FIVE),
            downloader("shared_session", Model::Threads, FIVE),
            downloader("shared_session_default", Model::Threads, FIVE),
            downloader("channel", Model::Threads, FIVE),
            downloader("lost_updates", Model::Threads, FIVE),
            downloader("lost_updates_cured", Model::Threads, FIVE),
            deadlock("deadlock"),
            two_functions("deadlock_cured", Model::Threads),
            two_functions("two_threads", Model::Threads),
        ],
    },
    Lesson {
        program: downloader("async-downloader", Model::EventLoop, HUNDRED),
        variations: &[
            downloader("spawned_tasks", Model::EventLoop, HUNDRED),
            downloader("bare_hyper", Model::EventLoop, HUNDRED),
            downloader("buffered", Model::EventLoop, HUNDRED),
            // It has workers, and an event loop, but never gets round to them.
            downloader("blocking_call", Model::OneThread, HUNDRED),
            downloader("blocking_call_cured", Model::Threads, HUNDRED),
            downloader("lock_across_await", Model::EventLoop, HUNDRED),
            downloader("lock_across_await_cured", Model::EventLoop, HUNDRED),
            downloader("first_answer", Model::EventLoop, HUNDRED),
            downloader("download_and_compute", Model::EventLoop, TWENTY),
            downloader("download_and_compute_stalled", Model::EventLoop, TWENTY),
            two_functions("two_tasks", Model::EventLoop),
        ],
    },
    Lesson {
        program: downloader("process-downloader", Model::Processes, FIVE),
        variations: &[
            downloader("process_per_page", Model::Processes, FIVE),
            downloader("own_memory", Model::Processes, FIVE),
            two_functions("two_processes", Model::Processes),
            downloader("many_machines_downloads", Model::Queue, FIVE),
        ],
    },
    Lesson {
        program: computer("sync-cpu", Model::OneThread, One),
        variations: &[computer("remembered", Model::OneThread, One)],
    },
    Lesson {
        program: computer("parallel-cpu", Model::Threads, EveryCore),
        variations: &[
            computer("threads", Model::Threads, EveryCore),
            computer("async_tasks", Model::EventLoop, One),
            computer("async_tasks_cured", Model::Threads, EveryCore),
            computer("processes", Model::Processes, EveryCore),
            computer("one_job", Model::Threads, EveryCore),
            Program {
                own_job: Some(OwnJob::Files),
                ..computer("compress_files", Model::Threads, EveryCore)
            },
            computer("many_machines", Model::Queue, EveryCore),
        ],
    },
];

impl Lesson {
    /// The program, then its variations.
    pub fn all(&self) -> impl Iterator<Item = &Program> {
        [&self.program].into_iter().chain(self.variations)
    }
}

impl Program {
    /// The lesson that it is a part of.
    pub fn lesson(&self) -> &'static Lesson {
        let name = self.twin.unwrap_or(self.name);
        LESSONS
            .iter()
            .find(|lesson| lesson.all().any(|program| program.name == name))
            .expect("every program is a part of one")
    }

    /// The program that it varies, if it is an example.
    pub fn varies(&self) -> Option<&'static str> {
        Some(self.lesson().program.name).filter(|name| self.twin.is_none() && *name != self.name)
    }

    /// The feature of its package without which it is not built.
    pub fn feature(&self) -> Option<&'static str> {
        (self.model == Model::Queue).then_some("machines")
    }

    /// What this machine lacks to run it, and how to get that.
    pub fn lacks(&self) -> Option<&'static str> {
        static INSTALLED: LazyLock<bool> = LazyLock::new(nats_server::is_installed);
        (self.model == Model::Queue && !*INSTALLED).then_some(nats_server::HOW_TO_INSTALL)
    }

    /// Its twins in Python.
    pub fn twins(&self) -> impl Iterator<Item = &'static Program> {
        TWINS.iter().filter(|twin| twin.twin == Some(self.name))
    }

    pub fn has_workers_option(&self) -> bool {
        let two = [OwnJob::TwoFunctions, OwnJob::Deadlock];
        !matches!(self.workers, One) && !self.own_job.is_some_and(|job| two.contains(&job))
    }

    /// Whether `--sweep` runs it.
    pub fn sweeps(&self) -> bool {
        self.work == Work::Downloads
            && self.has_workers_option()
            && self.varies().is_none()
            && self.twin.is_none()
    }

    /// What it has to do, piece by piece.
    pub fn unit(&self) -> &'static str {
        match (self.own_job, self.work) {
            (Some(OwnJob::TwoFunctions | OwnJob::Deadlock), _) => "function",
            (Some(OwnJob::Files), _) => "file",
            (None, Work::Downloads) => "page",
            (None, Work::Computations) => "job",
        }
    }

    /// How many workers it gets: those asked for, or as many as it has by itself.
    pub fn workers(&self, asked: Option<usize>) -> usize {
        asked
            .filter(|_| self.has_workers_option())
            .unwrap_or(self.workers.number())
    }
}

impl Model {
    /// What does one job after another.
    pub fn does_jobs(self) -> &'static str {
        match self {
            Self::Queue => "worker",
            _ => "thread",
        }
    }

    pub fn in_words(self, workers: usize) -> String {
        match self {
            Self::OneThread => "one thread".into(),
            Self::Threads => counted(workers, "thread"),
            Self::EventLoop => "event loop".into(),
            Self::Processes if workers == 1 => "1 process".into(),
            Self::Processes => format!("{workers} processes"),
            Self::Queue => format!("queue, {}", counted(workers, "worker")),
        }
    }
}

/// How many threads can compute at once.
pub fn cores() -> usize {
    // A system that cannot tell has at least the core that asks.
    thread::available_parallelism().map_or(1, usize::from)
}
