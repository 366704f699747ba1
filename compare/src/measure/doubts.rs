//! Why figures are not to be compared, or not to be trusted.

use shared::output::counted;

use super::{Comparison, Figures, Measured};
use crate::programs::{Model, Work};

/// What there is to say of a program, if the doubt is about it.
type Doubt = fn(&Comparison, &Figures, &Measured) -> Option<String>;

/// Every doubt that may be about several programs; it is told once, with all of them.
const DOUBTS: [(&str, Doubt); 11] = [
    (
        "failed, so the time says nothing about good ones",
        fell_short,
    ),
    ("what was said and what was seen differ", lied),
    (
        "announced pages that it never got, as it looks at no exception and at no status",
        announced,
    ),
    (
        "its threads took turns, as Python lets one of them compute at a time",
        took_turns,
    ),
    (
        "another job than that of the rest, so no speed-up",
        other_job,
    ),
    (
        "ran for less than 50 ms, and starting up is a good part of that",
        short,
    ),
    (
        "memory unknown, mostly because it was over too soon",
        unseen,
    ),
    (
        "took more than a tenth longer in one run than in another",
        varied,
    ),
    (
        "more workers than there are cores, so they took turns",
        crowded,
    ),
    (
        "faster than the cores allow, so something slowed the sync twin down",
        too_fast,
    ),
    (
        "the machine was busy with other work, and jobs had a core for only a part of their time",
        starved,
    ),
];

impl Comparison {
    /// Why the figures are not to be compared, or not to be trusted.
    pub(super) fn doubts(&self) -> Vec<String> {
        let about_programs = DOUBTS.iter().filter_map(|(doubt, of)| {
            let programs = self.programs.iter();
            let programs: Vec<String> = programs
                .filter_map(|program| of(self, program, program.measured.as_ref()?))
                .collect();
            (!programs.is_empty()).then(|| format!("{doubt}: {}", programs.join(", ")))
        });
        [debug_build(), self.unequal_workers(), self.broken_pages()]
            .into_iter()
            .flatten()
            .chain(about_programs)
            .chain(self.slow_site())
            .collect()
    }

    fn unequal_workers(&self) -> Option<String> {
        let mut racers = self.of(Work::Downloads);
        racers.retain(|program| {
            program.workers > 1 && !program.own_job && program.measured.is_some()
        });
        // Of several the first: a program before its variations.
        let least = racers.iter().min_by_key(|program| program.workers)?;
        let most = racers.iter().rev().max_by_key(|program| program.workers)?;
        (least.workers < most.workers).then(|| {
            format!(
                "{} has {} workers and {} has {}; for a fair race give all the same: --workers N",
                most.name, most.workers, least.name, least.workers
            )
        })
    }

    fn broken_pages(&self) -> Option<String> {
        let broken = self.settings.pages - self.possible(Work::Downloads);
        self.settings.faulty.then(|| {
            format!(
                "{broken} of {} are broken on purpose; the times are not those of good pages",
                counted(self.settings.pages, "page")
            )
        })
    }

    fn slow_site(&self) -> Option<String> {
        let asked = self.settings.latency_ms;
        let took = self.measured_latency_ms?;
        let busy = "the machine was busy, with other work or with so many requests";
        let why = match self.settings.board {
            None => busy.into(),
            Some(_) => format!("the board has another --latency, or {busy}"),
        };
        (took > 1.1 * asked + 3.0)
            .then(|| format!("the site took {took:.1} ms over a page instead of {asked} ms: {why}"))
    }
}

fn debug_build() -> Option<String> {
    let doubt = "this is a debug build, whose times say little: cargo run --release -p compare";
    cfg!(debug_assertions).then(|| doubt.into())
}

fn fell_short(all: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    all.fell_short(program, measured).then(|| {
        let asked = counted(measured.ok + measured.failed, program.unit);
        format!("{} ({} of {asked})", program.name, measured.failed)
    })
}

fn lied(_: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    (measured.ok != measured.good).then(|| {
        let said = counted(measured.ok, program.unit);
        format!("{} ({said}, seen {})", program.name, measured.good)
    })
}

fn announced(_: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    let (announced, got) = (measured.announced?, measured.ok);
    (announced != got).then(|| format!("{} ({announced}, the site gave {got})", program.name))
}

fn took_turns(_: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    let cores = measured.cpu_time_s / measured.time_s;
    (takes_turns(program) && program.workers > 1 && measured.most_at_once > Some(1)).then(|| {
        let jobs = counted(measured.most_at_once.unwrap_or(0), "job");
        format!(
            "{} ({jobs} under way, {cores:.1} cores at work)",
            program.name
        )
    })
}

fn takes_turns(program: &Figures) -> bool {
    program.work == Work::Computations
        && program.kind == Model::Threads
        && program.language.starts_with("Python")
}

fn other_job(_: &Comparison, program: &Figures, _: &Measured) -> Option<String> {
    program.own_job.then(|| program.name.into())
}

fn short(_: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    (measured.time_s < 0.05).then(|| program.name.into())
}

fn unseen(_: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    let unseen = measured.memory_bytes.is_none();
    unseen.then(|| program.name.into())
}

fn varied(_: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    let times = measured.times_s.iter().copied();
    let (fastest, slowest) = (times.clone().reduce(f64::min)?, times.reduce(f64::max)?);
    (slowest > 1.1 * fastest).then(|| format!("{} ({fastest:.3} to {slowest:.3} s)", program.name))
}

fn crowded(all: &Comparison, program: &Figures, _: &Measured) -> Option<String> {
    let computes = program.work == Work::Computations;
    (computes && program.workers > all.machine.cores).then(|| program.name.into())
}

fn too_fast(all: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    let factor = measured.speed_up?;
    let possible = program.workers.min(all.machine.cores) as f64;
    // One worker that beats the twin has a better algorithm.
    let parallel = program.work == Work::Computations && program.workers > 1;
    (parallel && factor > 1.1 * possible).then(|| format!("{} ({factor:.1} times)", program.name))
}

fn starved(all: &Comparison, program: &Figures, measured: &Measured) -> Option<String> {
    let computes = program.work == Work::Computations && !program.own_job;
    // A job under way needs a core for all its time; if it had one, the sums agree.
    let under_way: f64 = measured.bars.iter().map(|bar| bar.end - bar.start).sum();
    let share = measured.cpu_time_s / under_way;
    let crowded = program.workers > all.machine.cores;
    // Elsewhere the time of its worker processes is not known.
    (cfg!(unix) && computes && !crowded && !takes_turns(program) && under_way > 0.1 && share < 0.9)
        .then(|| format!("{} ({:.0}%)", program.name, 100.0 * share))
}
