//! The trace, field by field, as its readers take it: ui.perfetto.dev and chrome://tracing.

mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use running::{Compared, compare, folder};
use serde_json::Value;

const PROGRAMS: [&str; 6] = [
    "sync-downloader: one thread",
    "threaded-downloader: 5 threads",
    "async-downloader: event loop",
    "process-downloader: 5 processes",
    "sync-cpu: one thread",
    "parallel-cpu: 3 threads",
];

struct Traced {
    compared: Compared,
    trace: Value,
}

/// One run for all tests: with pages that fail, twice, and with a sweep.
fn traced() -> &'static Traced {
    static RUN: OnceLock<Traced> = OnceLock::new();
    RUN.get_or_init(|| {
        let file = folder().join("trace.json");
        let compared = compare(&format!(
            "--pages 40 --latency 2 --faulty --number 20 --jobs 6 --runs 2 --sweep 2 --trace {}",
            file.display()
        ));
        let trace = fs::read_to_string(&file).expect("the trace was written");
        Traced {
            compared,
            trace: serde_json::from_str(&trace).expect("the trace is JSON"),
        }
    })
}

fn events() -> &'static Vec<Value> {
    traced().trace["traceEvents"].as_array().expect("a list")
}

fn of_phase(phase: &str) -> impl Iterator<Item = &'static Value> {
    events().iter().filter(move |event| event["ph"] == phase)
}

fn number(event: &Value, member: &str) -> u64 {
    let number = event[member].as_u64();
    number.unwrap_or_else(|| panic!("{member} is no whole number: {event}"))
}

/// In nanoseconds: as exact as the readers are.
fn time(event: &Value, member: &str) -> u64 {
    let time = event[member].as_f64();
    let time = time.unwrap_or_else(|| panic!("{member} is no number: {event}"));
    assert!(time >= 0.0, "{event}");
    (1e3 * time).round() as u64
}

fn members(event: &Value) -> BTreeSet<&str> {
    let event = event.as_object().expect("an object");
    event.keys().map(String::as_str).collect()
}

/// What metadata of this name say, by process and thread.
fn metadata(name: &str) -> BTreeMap<(u64, Option<u64>), &'static Value> {
    let named = of_phase("M").filter(|event| event["name"] == name);
    let mut found = BTreeMap::new();
    for event in named {
        let of = (number(event, "pid"), event["tid"].as_u64());
        let before = found.insert(of, &event["args"]);
        assert!(before.is_none(), "said twice: {event}");
    }
    found
}

/// The slices, by process and thread.
fn threads() -> BTreeMap<(u64, u64), Vec<&'static Value>> {
    let mut threads: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for slice in of_phase("X") {
        let thread = (number(slice, "pid"), number(slice, "tid"));
        threads.entry(thread).or_default().push(slice);
    }
    threads
}

#[test]
fn every_event_has_the_members_of_its_kind_and_no_others() {
    let trace = &traced().trace;
    assert_eq!(members(trace), ["displayTimeUnit", "traceEvents"].into());
    assert_eq!(trace["displayTimeUnit"], "ms");
    for event in events() {
        let args = members(&event["args"]);
        let name = event["name"].as_str().expect("a name");
        let (expected, expected_args): (&[&str], &[&str]) = match event["ph"].as_str() {
            Some("M") => {
                let args = match name {
                    "process_name" | "thread_name" => &["name"],
                    _ => &["sort_index"],
                };
                let tid = if name.starts_with("thread_") {
                    "tid"
                } else {
                    "pid"
                };
                (&["ph", "name", "pid", tid, "args"], args)
            }
            Some("X") => {
                let args: &[&str] = match event["cat"].as_str() {
                    Some("request") => &["path", "status", "bytes", "good"],
                    Some("job") => &["job"],
                    Some("run") => &["workers", "failure"],
                    _ => panic!("a slice of no category: {event}"),
                };
                let members = &["ph", "name", "cat", "pid", "tid", "ts", "dur", "args"];
                (members, args)
            }
            Some("C") => {
                let unit = if number(event, "pid") <= 4 {
                    "requests"
                } else {
                    "jobs"
                };
                assert!(event["args"][unit].is_u64(), "{event}");
                (&["ph", "name", "pid", "ts", "args"], &[][..])
            }
            _ => panic!("an event of another kind: {event}"),
        };
        assert_eq!(
            members(event),
            expected.iter().copied().collect(),
            "{event}"
        );
        if event["ph"] != "C" {
            assert_eq!(args, expected_args.iter().copied().collect(), "{event}");
        }
    }
}

#[test]
fn a_process_is_a_program_and_a_thread_is_a_connection_or_a_thread() {
    let (names, places) = (metadata("process_name"), metadata("process_sort_index"));
    assert_eq!(names.len(), PROGRAMS.len());
    for (index, program) in PROGRAMS.into_iter().enumerate() {
        let process = (index as u64 + 1, None);
        if !program.starts_with("parallel") {
            assert_eq!(names[&process]["name"], program);
        }
        assert_eq!(places[&process]["sort_index"], process.0);
    }
    let (names, places) = (metadata("thread_name"), metadata("thread_sort_index"));
    let threads: BTreeSet<_> = threads().into_keys().collect();
    let named = |(process, thread): &(u64, Option<u64>)| (*process, thread.expect("a thread"));
    assert_eq!(names.keys().map(named).collect::<BTreeSet<_>>(), threads);
    assert_eq!(places.keys().map(named).collect::<BTreeSet<_>>(), threads);
    // A thread has a number of its own: one that it shared would be taken for the same thread,
    // and that of a process for its main thread.
    let numbers: BTreeSet<u64> = threads.iter().map(|(_, thread)| *thread).collect();
    assert_eq!(numbers.len(), threads.len());
    assert!(numbers.iter().all(|number| *number > PROGRAMS.len() as u64));
    for (process, program) in (1..).zip(PROGRAMS) {
        let kind = match program.contains("downloader") {
            true => "connection ",
            false => "thread ",
        };
        let of_process = names.range((process, None)..(process + 1, None));
        let mut names = of_process.map(|(_, args)| args["name"].as_str().expect("a name"));
        assert_eq!(names.next(), Some("runs"), "{program}");
        let lanes: Vec<&str> = names.collect();
        assert!(!lanes.is_empty(), "{program}");
        assert!(lanes.iter().all(|name| name.starts_with(kind)), "{lanes:?}");
    }
}

#[test]
fn slices_of_a_thread_nest_or_follow_and_never_cross() {
    for (thread, mut slices) in threads() {
        let span = |slice: &Value| {
            let start = time(slice, "ts");
            (start, start + time(slice, "dur"))
        };
        // The outer one first.
        slices.sort_by_key(|slice| (span(slice).0, u64::MAX - span(slice).1));
        let mut open: Vec<u64> = Vec::new();
        for slice in slices {
            let (start, end) = span(slice);
            while open.last().is_some_and(|outer| *outer <= start) {
                open.pop();
            }
            let inside = open.last().is_none_or(|outer| end <= *outer);
            assert!(inside, "it crosses another one in {thread:?}: {slice}");
            open.push(end);
        }
    }
}

#[test]
fn every_request_and_job_of_all_runs_is_a_slice() {
    let compared = &traced().compared;
    assert!(compared.status.success(), "{compared}");
    for (process, program) in (1..).zip(compared.json["programs"].as_array().expect("a list")) {
        let of_process = |event: &&Value| event["pid"] == process;
        let slices: Vec<&Value> = of_phase("X").filter(of_process).collect();
        let runs = slices.iter().filter(|slice| slice["cat"] == "run");
        let runs: Vec<&str> = runs.filter_map(|run| run["name"].as_str()).collect();
        let sweeps = (2..=4).contains(&process);
        let expected: &[&str] = match sweeps {
            true => &["run 1", "run 2", "sweep, 2 workers"],
            false => &["run 1", "run 2"],
        };
        assert_eq!(runs, expected, "{program}");
        if program["work"] == "computations" {
            let jobs: Vec<_> = slices
                .iter()
                .filter(|slice| slice["cat"] == "job")
                .collect();
            assert_eq!(jobs.len(), 12, "{program}");
            for job in jobs {
                assert_eq!([&job["name"], &job["args"]["job"]], ["fib(20)"; 2]);
            }
            continue;
        }
        let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
        for slice in slices.iter().filter(|slice| slice["cat"] == "request") {
            let args = &slice["args"];
            let path = args["path"].as_str().expect("a path");
            assert_eq!(slice["name"], path);
            let (status, bytes, good) = match path {
                "/jython" => (Some(200), Some(10_966), true),
                "/dice" => (Some(200), Some(276), true),
                "/status/404" => (Some(404), Some(14), false),
                "/status/503" => (Some(503), Some(24), false),
                "/truncated" => (Some(200), Some(5_483), false),
                "/reset" => (None, None, false),
                _ => panic!("a page that nobody asked for: {slice}"),
            };
            assert_eq!(args["status"], Value::from(status), "{slice}");
            assert_eq!(args["bytes"], Value::from(bytes), "{slice}");
            assert_eq!(args["good"], good, "{slice}");
            *pages.entry(path).or_default() += 1;
        }
        // A page that was lost with a connection that had served before is asked for once more.
        let resets = pages.remove("/reset").expect("a page that fails");
        assert!((runs.len()..=2 * runs.len()).contains(&resets), "{pages:?}");
        assert_eq!(pages.values().sum::<usize>(), 39 * runs.len(), "{pages:?}");
    }
}

#[test]
fn a_counter_tells_how_many_there_are_at_every_moment() {
    let threads = threads();
    for process in 1..=PROGRAMS.len() as u64 {
        let (name, unit) = match process {
            1..=4 => ("in flight", "requests"),
            _ => ("under way", "jobs"),
        };
        let counter: Vec<&Value> = of_phase("C")
            .filter(|event| number(event, "pid") == process)
            .collect();
        let slices: Vec<&&Value> = threads
            .range((process, 0)..(process + 1, 0))
            .flat_map(|(_, slices)| slices)
            .filter(|slice| slice["cat"] != "run")
            .collect();
        assert!(counter.is_sorted_by_key(|event| time(event, "ts")));
        for event in &counter {
            assert_eq!(event["name"], name);
            let now = time(event, "ts");
            let under_way = slices.iter().filter(|slice| {
                let start = time(slice, "ts");
                (start..start + time(slice, "dur")).contains(&now)
            });
            assert_eq!(event["args"][unit], under_way.count(), "{event}");
        }
        assert_eq!(counter.last().expect("a counter")["args"][unit], 0);
        let changes: BTreeSet<u64> = slices
            .iter()
            .flat_map(|slice| [time(slice, "ts"), time(slice, "ts") + time(slice, "dur")])
            .collect();
        let told: BTreeSet<u64> = counter.iter().map(|event| time(event, "ts")).collect();
        assert_eq!(told, changes);
    }
}

#[test]
fn all_begin_their_first_run_at_once_and_their_next_ones_after_it() {
    let mut begun: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for run in of_phase("X").filter(|slice| slice["cat"] == "run") {
        let start = time(run, "ts");
        let runs = begun.entry(run["name"].as_str().expect("a name"));
        runs.or_default().push((start, start + time(run, "dur")));
    }
    let last = ["run 1", "run 2", "sweep, 2 workers"]
        .into_iter()
        .fold(0, |last, name| {
            let runs = &begun[name];
            let start = runs[0].0;
            assert!(start >= last, "{name} begins while another is under way");
            assert!(runs.iter().all(|run| run.0 == start), "{name}: {runs:?}");
            runs.iter().map(|run| run.1).max().expect("runs")
        });
    let ends = of_phase("X").map(|slice| time(slice, "ts") + time(slice, "dur"));
    assert_eq!(ends.max(), Some(last));
    assert_eq!(begun["run 1"][0].0, 0);
}

#[test]
fn a_run_that_failed_says_why() {
    let empty = folder();
    let file = empty.join("trace.json");
    let options = format!(
        "--only sync-cpu --trace {} --programs {}",
        file.display(),
        empty.display()
    );
    let compared = compare(&options);
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let trace: Value = serde_json::from_str(&fs::read_to_string(&file).expect("a trace"))
        .expect("the trace is JSON");
    let events = trace["traceEvents"].as_array().expect("a list").iter();
    let slices: Vec<&Value> = events.filter(|event| event["ph"] == "X").collect();
    assert_eq!(slices.len(), 1, "{trace}");
    let failure = slices[0]["args"]["failure"].as_str().expect("a reason");
    assert!(failure.starts_with("missing: "), "{failure}");
}
