//! All runs as trace events, in the JSON that ui.perfetto.dev and chrome://tracing open.
//!
//! A process is a program, a thread is a connection or a thread of it, and a slice is a request
//! or a job. All programs begin their first run at 0, so that they can be compared as they lie
//! below each other; all begin their next run together, after the longest of the last.

mod events;

use std::collections::BTreeMap;

use shared::output::counted;

use self::events::{About, Event, Trace, What};
use crate::programs::{Program, Work};
use crate::run::{Bar, Outcome};

/// The trace of all runs.
pub fn of(outcomes: &[Outcome]) -> String {
    let mut programs: Vec<(&Program, Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        let known = |(program, _): &&mut (&Program, _)| program.name == outcome.program.name;
        match programs.iter_mut().find(known) {
            Some((_, runs)) => runs.push(outcome),
            None => programs.push((outcome.program, vec![outcome])),
        }
    }
    let beginnings = beginnings(&programs);
    let mut events = Vec::new();
    // No thread has the number of a process: that would make it the main thread.
    let mut tid = programs.len();
    for (index, (program, runs)) in programs.iter().enumerate() {
        let process = Process::of(program, runs, &beginnings);
        process.write(index + 1, &mut tid, &mut events);
    }
    let trace = Trace {
        display_time_unit: "ms",
        trace_events: events,
    };
    serde_json::to_string(&trace).expect("all keys are text")
}

/// When the first, second, third … run of every program begins, in nanoseconds.
fn beginnings(programs: &[(&Program, Vec<&Outcome>)]) -> Vec<u64> {
    let rounds = programs.iter().map(|(_, runs)| runs.len()).max();
    let mut next = 0;
    let begin = |round| {
        let runs = programs
            .iter()
            .filter_map(|(_, runs)| runs.get(round).copied());
        let longest = runs.map(length).max().unwrap_or(0);
        let beginning = next;
        // A gap, so that one sees where the next run begins.
        next += longest + longest / 10;
        beginning
    };
    (0..rounds.unwrap_or(0)).map(begin).collect()
}

fn bars(outcome: &Outcome) -> &[Bar] {
    outcome.run.as_ref().map_or(&[], |run| &run.bars)
}

fn length(outcome: &Outcome) -> u64 {
    let ends = bars(outcome).iter().map(|bar| nanoseconds(bar.end));
    ends.max().unwrap_or(0)
}

fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e3
}

/// A slice of a thread, from a beginning to an end in nanoseconds.
struct Slice<'a> {
    name: String,
    category: &'static str,
    start: u64,
    end: u64,
    what: What<'a>,
}

/// What there is to write of a program.
struct Process<'a> {
    name: String,
    runs: Vec<Slice<'a>>,
    /// By the number of the connection or thread, and of its lanes: the slices of one do not
    /// overlap.
    lanes: BTreeMap<(usize, usize), Vec<Slice<'a>>>,
    work: Work,
}

impl<'a> Process<'a> {
    fn of(program: &Program, runs: &[&'a Outcome], beginnings: &[u64]) -> Self {
        let workers = runs.first().map_or(1, |run| run.workers);
        let mut process = Self {
            name: format!("{}: {}", program.name, program.model.in_words(workers)),
            runs: Vec::new(),
            lanes: BTreeMap::new(),
            work: program.work,
        };
        for (number, (run, beginning)) in runs.iter().zip(beginnings).enumerate() {
            let name = match run.sweep {
                true => format!("sweep, {}", counted(run.workers, "worker")),
                false => format!("run {}", number + 1),
            };
            process.runs.push(Slice {
                name,
                category: "run",
                start: *beginning,
                end: beginning + length(run),
                what: What::Run {
                    workers: run.workers,
                    failure: run.run.as_ref().err().map(String::as_str),
                },
            });
            let mut bars: Vec<&Bar> = bars(run).iter().collect();
            bars.sort_by(|one, other| one.start.total_cmp(&other.start));
            for bar in bars {
                process.add(bar, *beginning);
            }
        }
        process
    }

    /// Adds a bar to the first lane that is free by then: a client may send a request before the
    /// last one on its connection has been answered.
    fn add(&mut self, bar: &'a Bar, beginning: u64) {
        let [start, end] = [bar.start, bar.end].map(|time| beginning + nanoseconds(time));
        let is_free = |lane: &usize| {
            let last = self
                .lanes
                .get(&(bar.lane, *lane))
                .and_then(|all| all.last());
            last.is_none_or(|last| last.end <= start)
        };
        let lane = (0..).find(is_free).expect("one that is empty is free");
        let (category, what) = match self.work {
            Work::Downloads => (
                "request",
                What::Request {
                    path: &bar.what,
                    status: bar.status,
                    bytes: bar.bytes,
                    good: bar.good,
                },
            ),
            Work::Computations => ("job", What::Job { job: &bar.what }),
        };
        self.lanes.entry((bar.lane, lane)).or_default().push(Slice {
            name: bar.what.clone(),
            category,
            start,
            end,
            what,
        });
    }

    fn write(self, pid: usize, tid: &mut usize, events: &mut Vec<Event<'a>>) {
        let about = |tid, name, args| Event::Metadata {
            name,
            pid,
            tid,
            args,
        };
        let (name, sort_index) = (self.name, pid);
        events.push(about(None, "process_name", About::Name { name }));
        events.push(about(
            None,
            "process_sort_index",
            About::Place { sort_index },
        ));
        let at_once = count(self.lanes.values().flatten());
        let (lane_is, count_is, unit) = match self.work {
            Work::Downloads => ("connection", "in flight", "requests"),
            Work::Computations => ("thread", "under way", "jobs"),
        };
        let lanes = self.lanes.into_iter().map(|((number, lane), slices)| {
            let name = match lane {
                0 => format!("{lane_is} {number}"),
                _ => format!("{lane_is} {number}, lane {lane}"),
            };
            (name, slices)
        });
        for (name, slices) in [("runs".to_owned(), self.runs)].into_iter().chain(lanes) {
            *tid += 1;
            let (thread, sort_index) = (Some(*tid), *tid);
            events.push(about(thread, "thread_name", About::Name { name }));
            events.push(about(
                thread,
                "thread_sort_index",
                About::Place { sort_index },
            ));
            events.extend(slices.into_iter().map(|slice| Event::Slice {
                name: slice.name,
                cat: slice.category,
                pid,
                tid: *tid,
                ts: microseconds(slice.start),
                dur: microseconds(slice.end - slice.start),
                args: slice.what,
            }));
        }
        events.extend(at_once.into_iter().map(|(time, number)| Event::Counter {
            name: count_is,
            pid,
            ts: microseconds(time),
            args: BTreeMap::from([(unit, number)]),
        }));
    }
}

/// How many there are at once, from every moment on at which their number changes.
fn count<'a>(slices: impl Iterator<Item = &'a Slice<'a>>) -> Vec<(u64, i64)> {
    let mut changes = BTreeMap::new();
    for slice in slices {
        *changes.entry(slice.start).or_default() += 1;
        *changes.entry(slice.end).or_default() -= 1;
    }
    let mut number = 0;
    let sum = |(time, change): (u64, i64)| {
        number += change;
        (time, number)
    };
    changes.into_iter().map(sum).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::programs::LESSONS;
    use crate::run::Run;

    fn bar(lane: usize, start: f64, end: f64) -> Bar {
        Bar {
            abandoned: false,
            lane,
            what: "/dice".into(),
            start,
            end,
            good: true,
            status: Some(200),
            bytes: Some(276),
        }
    }

    #[test]
    fn what_overlaps_on_a_connection_gets_lanes_of_its_own() {
        let bars = [
            (3, 0.0, 5.0),
            (3, 1.0, 2.0),
            (3, 1.5, 6.0),
            (3, 2.0, 4.0),
            (3, 5.0, 7.0),
        ];
        let outcome = Outcome {
            program: &LESSONS[0].program,
            workers: 1,
            sweep: false,
            run: Ok(Run {
                computations: Vec::new(),
                elapsed: Duration::from_secs(7),
                cpu_time: Duration::ZERO,
                memory: None,
                done: 5,
                announced: None,
                good: 5,
                lanes: Some(1),
                most_at_once: Some(3),
                latency: None,
                bars: bars.map(|(lane, start, end)| bar(lane, start, end)).into(),
            }),
        };
        let trace: Value = serde_json::from_str(&of(&[outcome])).expect("it is JSON");
        let events = trace["traceEvents"].as_array().expect("a list");
        let named = events.iter().filter(|event| event["name"] == "thread_name");
        let names: Vec<&str> = named
            .filter_map(|event| event["args"]["name"].as_str())
            .collect();
        let lanes = [
            "runs",
            "connection 3",
            "connection 3, lane 1",
            "connection 3, lane 2",
        ];
        assert_eq!(names, lanes);
        let slices = events.iter().filter(|event| event["name"] == "/dice");
        let of_thread = |tid: usize| {
            let slices = slices.clone().filter(move |slice| slice["tid"] == tid);
            slices
                .filter_map(|slice| slice["ts"].as_f64())
                .collect::<Vec<_>>()
        };
        assert_eq!(of_thread(3), [0.0, 5e6]);
        assert_eq!(of_thread(4), [1e6, 2e6]);
        assert_eq!(of_thread(5), [1.5e6]);
    }
}
