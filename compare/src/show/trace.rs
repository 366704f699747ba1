//! All runs as trace events, in the JSON that ui.perfetto.dev and chrome://tracing open.
//!
//! A process is a program, a thread is a connection, a thread or a worker of it, and a slice is a
//! request or a job. All programs begin their first run at 0, so that they can be compared as they
//! lie below each other; all begin their next run together, after the longest of the last.

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

/// What a run did, and what it is: the work of the program, or jobs that a downloader does
/// beside.
fn bars(outcome: &Outcome) -> Vec<(Work, &Bar)> {
    let Ok(run) = &outcome.run else {
        return Vec::new();
    };
    let work = run.bars.iter().map(|bar| (outcome.program.work, bar));
    let beside = run.computations.iter().map(|bar| (Work::Computations, bar));
    work.chain(beside).collect()
}

fn length(outcome: &Outcome) -> u64 {
    let ends = bars(outcome)
        .into_iter()
        .map(|(_, bar)| nanoseconds(bar.end));
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
    /// What does its jobs.
    does_jobs: &'static str,
    /// By the kind of work, the number of the connection, thread or worker, and of its lanes: the
    /// slices of one do not overlap.
    lanes: BTreeMap<(Work, usize, usize), Vec<Slice<'a>>>,
}

impl<'a> Process<'a> {
    fn of(program: &Program, runs: &[&'a Outcome], beginnings: &[u64]) -> Self {
        let workers = runs.first().map_or(1, |run| run.workers);
        let mut process = Self {
            name: format!("{}: {}", program.name, program.model.in_words(workers)),
            runs: Vec::new(),
            does_jobs: program.model.does_jobs(),
            lanes: BTreeMap::new(),
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
            let mut bars = bars(run);
            bars.sort_by(|(_, one), (_, other)| one.start.total_cmp(&other.start));
            for (work, bar) in bars {
                process.add(work, bar, *beginning);
            }
        }
        process
    }

    /// Adds a bar to the first lane that is free by then: a client may send a request before the
    /// last one on its connection has been answered.
    fn add(&mut self, work: Work, bar: &'a Bar, beginning: u64) {
        let [start, end] = [bar.start, bar.end].map(|time| beginning + nanoseconds(time));
        let is_free = |lane: &usize| {
            let last = self
                .lanes
                .get(&(work, bar.lane, *lane))
                .and_then(|all| all.last());
            last.is_none_or(|last| last.end <= start)
        };
        let lane = (0..).find(is_free).expect("one that is empty is free");
        let (category, what) = match work {
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
        let slices = self.lanes.entry((work, bar.lane, lane)).or_default();
        slices.push(Slice {
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
        let counters = [
            (Work::Downloads, "in flight", "requests"),
            (Work::Computations, "under way", "jobs"),
        ];
        let counters = counters.map(|(work, name, unit)| {
            let lanes = self.lanes.iter().filter(|((of, ..), _)| *of == work);
            (name, unit, count(lanes.flat_map(|(_, slices)| slices)))
        });
        let lanes = self
            .lanes
            .into_iter()
            .map(|((work, number, lane), slices)| {
                let lane_is = match work {
                    Work::Downloads => "connection",
                    Work::Computations => self.does_jobs,
                };
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
        for (name, unit, at_once) in counters {
            events.extend(at_once.into_iter().map(|(time, number)| Event::Counter {
                name,
                pid,
                ts: microseconds(time),
                args: BTreeMap::from([(unit, number)]),
            }));
        }
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

    fn outcome(bars: Vec<Bar>, computations: Vec<Bar>) -> Outcome {
        Outcome {
            program: &LESSONS[0].program,
            workers: 1,
            sweep: false,
            run: Ok(Run {
                elapsed: Duration::from_secs(7),
                cpu_time: Duration::ZERO,
                memory: None,
                done: 5,
                announced: None,
                good: 5,
                lanes: Some(1),
                most_at_once: Some(3),
                latency: None,
                bars,
                computations,
            }),
        }
    }

    #[test]
    fn what_is_computed_beside_has_threads_and_a_counter_of_its_own() {
        let outcome = outcome(vec![bar(0, 0.0, 2.0)], vec![bar(0, 1.0, 3.0)]);
        let trace: Value = serde_json::from_str(&of(&[outcome])).expect("it is JSON");
        let events = trace["traceEvents"].as_array().expect("a list");
        let slices = events.iter().filter(|event| event["ph"] == "X");
        let slices: Vec<_> = slices.map(|slice| (&slice["cat"], &slice["dur"])).collect();
        let [run, request, job] = slices[..] else {
            panic!("{slices:?}")
        };
        assert_eq!((run.0.as_str(), run.1.as_f64()), (Some("run"), Some(3e6)));
        assert_eq!(request.0, "request");
        assert_eq!((job.0.as_str(), job.1.as_f64()), (Some("job"), Some(2e6)));
        for name in ["in flight", "under way"] {
            let counters = events.iter().filter(|event| event["name"] == name);
            assert_eq!(counters.count(), 2, "{name}: {events:?}");
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
        let bars = bars.map(|(lane, start, end)| bar(lane, start, end));
        let outcome = outcome(bars.into(), Vec::new());
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
