//! The twins in Python, as rows below the programs whose twins they are.
//!
//! The variable `PYTHON_WITH_PACKAGES` names the interpreter for these tests, see
//! `running/python.rs`.
#![cfg(unix)]

mod running;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use running::python::{HAS_PACKAGES, IS_NEW_ENOUGH, can, free_threaded, interpreter, stand_in};
use running::{Compared, command, compare, folder};
use serde_json::Value;

const DOWNLOADERS: &str =
    "--only sync-downloader,threaded-downloader,async-downloader,process-downloader";

/// Every program that has a twin, followed by it, in the order of the rows.
const TWINS: [(&str, &str); 8] = [
    ("sync-downloader", "sync_downloader.py"),
    ("threaded-downloader", "threaded_downloader.py"),
    ("async-downloader", "async_downloader.py"),
    ("process-downloader", "process_downloader.py"),
    ("sync-cpu", "sync_cpu.py"),
    ("parallel-cpu", "threaded_cpu.py"),
    ("async_tasks", "async_cpu.py"),
    ("processes", "process_cpu.py"),
];

fn with(python: impl AsRef<Path>, options: &str) -> Compared {
    compare(&format!("--python {} {options}", python.as_ref().display()))
}

/// One run for all tests that only look at it; none without the packages.
fn compared() -> Option<&'static Compared> {
    static RUN: OnceLock<Option<Compared>> = OnceLock::new();
    let run = || {
        can(HAS_PACKAGES).then(|| {
            let options = "--pages 40 --latency 40 --number 15 --jobs 6 --runs 2";
            with(interpreter(), options)
        })
    };
    RUN.get_or_init(run).as_ref()
}

fn rows(compared: &Compared) -> &Vec<Value> {
    compared.json["programs"].as_array().expect("a list")
}

fn names(compared: &Compared) -> Vec<&str> {
    let rows = rows(compared).iter();
    rows.filter_map(|row| row["name"].as_str()).collect()
}

#[test]
fn every_twin_is_measured_below_its_program() {
    let Some(compared) = compared() else {
        return;
    };
    assert!(compared.status.success(), "{compared}");
    assert_eq!(compared.stderr.matches("Error").count(), 0, "{compared}");
    let expected: Vec<&str> = TWINS
        .iter()
        .flat_map(|(rust, python)| [*rust, python])
        .collect();
    assert_eq!(names(compared), expected);
    let language = compared.json["settings"]["python"].as_str();
    assert!(
        language.is_some_and(|name| name.contains("Python 3.")),
        "{compared}"
    );
    for (pair, (rust, _)) in rows(compared).chunks(2).zip(TWINS) {
        let [twin, python] = pair else {
            panic!("a row without a twin: {pair:?}");
        };
        assert_eq!(python["twin"], rust);
        assert_eq!(
            [&twin["twin"], &twin["language"]],
            [&Value::Null, &"Rust".into()]
        );
        assert_eq!(python["language"].as_str(), language);
        for member in ["work", "model", "workers"] {
            assert_eq!(python[member], twin[member], "{member} of {rust}");
        }
        let [measured, of_twin] = [&python["measured"], &twin["measured"]];
        for member in ["ok", "failed"] {
            assert_eq!(measured[member], of_twin[member], "{member} of {python}");
        }
        let bars = [measured, of_twin].map(|of| of["bars"].as_array().map(Vec::len));
        assert_eq!(bars[0], bars[1], "{python}");
        assert!(measured["cpu_time_s"].as_f64() > Some(0.0), "{python}");
        let [time, time_of_twin] = [measured, of_twin].map(|of| of["time_s"].as_f64());
        let factor = measured["twin_speed_up"].as_f64().expect("a number");
        let expected = time.expect("a number") / time_of_twin.expect("a number");
        assert!((factor - expected).abs() < 1e-9, "{python}");
        assert_eq!(of_twin["twin_speed_up"], Value::Null, "{twin}");
    }
    // Of a program that hardly got a core while it ran, nobody saw the memory.
    let memory = |row: &&Value| row["measured"]["memory_bytes"].as_u64() > Some(1_000_000);
    let twins = rows(compared).iter().filter(|row| !row["twin"].is_null());
    assert!(twins.filter(memory).count() > 0, "{compared}");
    for sync in ["sync_downloader.py", "sync_cpu.py"] {
        let row = rows(compared).iter().find(|row| row["name"] == sync);
        assert_eq!(
            row.expect("a row")["measured"]["speed_up"],
            1.0,
            "{compared}"
        );
    }
}

#[test]
fn the_site_and_the_log_of_jobs_see_each_model() {
    let Some(compared) = compared() else {
        return;
    };
    let seen = |name: &str, member: &str| {
        let row = rows(compared).iter().find(|row| row["name"] == name);
        row.expect("a row")["measured"][member]
            .as_u64()
            .expect("a number")
    };
    for (name, most) in [
        ("sync_downloader.py", 1),
        ("threaded_downloader.py", 5),
        ("process_downloader.py", 5),
        ("sync_cpu.py", 1),
        ("async_cpu.py", 1),
    ] {
        assert_eq!(seen(name, "lanes"), most, "{name}");
        assert!(seen(name, "most_at_once") <= most, "{name}");
    }
    // More than any pool of 5 has.
    assert!(
        seen("async_downloader.py", "most_at_once") > 5,
        "{compared}"
    );
}

#[test]
fn twins_are_compared_before_anything_else_is_told() {
    let Some(compared) = compared() else {
        return;
    };
    let place = |words: &str| {
        let place = compared.stdout.find(words);
        place.unwrap_or_else(|| panic!("no `{words}`\n{compared}"))
    };
    let pairs = TWINS.map(|(rust, python)| {
        let lines = compared.stdout.lines();
        let line = lines.clone().find(|line| line.starts_with(python));
        let line = line.unwrap_or_else(|| panic!("no line of {python}\n{compared}"));
        assert!(line.contains(&format!(" {rust} ")), "{line}");
        assert!(line.ends_with('×'), "{line}");
        place(line)
    });
    assert!(pairs.is_sorted());
    assert!(pairs[7] < place("downloader  model"), "{compared}");
    assert_eq!(
        compared.stdout.matches("\n  Python ").count(),
        6,
        "{compared}"
    );
    assert_eq!(
        compared.stdout.matches("\n    Python ").count(),
        2,
        "{compared}"
    );
    for line in compared.stdout.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
    }
    let page = fs::read_to_string(&compared.html).expect("the page was written");
    for (_, python) in TWINS {
        for shown in [&page, &compared.svg] {
            assert!(
                shown.contains(&format!("data-program=\"{python}\"")),
                "{python}"
            );
        }
    }
}

/// Waiting is the same in both; the pages are so slow that nothing else counts.
#[test]
fn where_the_language_makes_no_difference_comes_first() {
    if !can(HAS_PACKAGES) {
        return;
    }
    let compared = with(
        interpreter(),
        "--only sync-downloader --pages 4 --latency 1500",
    );
    // Only the machine and the settings are told before.
    let first = compared.stdout.split("\n\n").nth(1);
    let verdict = "Waiting takes as long in Python as in Rust: sync.";
    assert_eq!(first, Some(verdict), "{compared}");
}

#[test]
fn pages_that_python_only_announces_are_told_beside_what_the_site_gave() {
    if !can(HAS_PACKAGES) {
        return;
    }
    let options = format!("{DOWNLOADERS} --pages 40 --latency 2 --faulty");
    let compared = with(interpreter(), &options);
    // The sync one does look: at the first exception it gives up.
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let failure = rows(&compared)[1]["failure"].as_str().expect("a reason");
    let gave_up = "ended with exit status: 1 after 29 of 40 pages: requests.exceptions.";
    assert!(failure.starts_with(gave_up), "{failure}");
    for row in [3, 5, 7].map(|row| &rows(&compared)[row]) {
        let measured = &row["measured"];
        assert_eq!([&measured["ok"], &measured["failed"]], [36, 4], "{row}");
        assert_eq!(measured["announced"], 40, "{row}");
    }
    let notes = compared.json["notes"].to_string();
    let lies = "announced pages that it never got, as it looks at no exception and at no status: \
                threaded_downloader.py (40, the site gave 36), \
                async_downloader.py (40, the site gave 36), \
                process_downloader.py (40, the site gave 36)";
    assert!(notes.contains(lies), "{notes}");
    // Ours say what they know, and no more.
    assert!(
        !notes.contains("what was said and what was seen differ"),
        "{notes}"
    );
}

#[test]
fn no_proxy_comes_between_python_and_the_site() {
    if !can(HAS_PACKAGES) {
        return;
    }
    let output = command("--only sync-downloader --pages 2 --latency 0 --python")
        .arg(interpreter())
        .env("http_proxy", "http://127.0.0.1:1")
        .output()
        .expect("it starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}");
    assert_eq!(stdout.matches(" 2/0").count(), 2, "{stdout}");
}

#[test]
fn without_python_one_line_says_so_and_the_rest_runs() {
    let too_old = "echo version 3.9.1; echo has requests; echo has aiohttp";
    for (python, reason) in [
        (
            folder().join("python"),
            "cannot be started: no such file or directory",
        ),
        (stand_in("exit 0"), "is no Python 3"),
        (stand_in(too_old), "is only Python 3.9.1"),
    ] {
        let compared = with(&python, "--only sync-cpu --number 5 --jobs 2");
        assert_eq!(compared.status.code(), Some(1), "{compared}");
        let complaint = format!(
            "Error: {} {reason}; without Python its programs are left out. Install Python 3.10 \
             or later, or say where it is: --python INTERPRETER",
            python.display()
        );
        let errors = compared
            .stderr
            .lines()
            .filter(|line| line.starts_with("Error"));
        assert_eq!(errors.collect::<Vec<_>>(), [complaint], "{compared}");
        assert_eq!(names(&compared), ["sync-cpu"], "{compared}");
        assert_eq!(rows(&compared)[0]["measured"]["ok"], 2, "{compared}");
        assert_eq!(compared.json["settings"]["python"], Value::Null);
    }
}

#[test]
fn without_the_packages_one_line_says_what_to_type_and_the_rest_runs() {
    if !can(IS_NEW_ENOUGH) {
        return;
    }
    // Without `site` it finds nothing that was installed.
    let python = stand_in(r#"exec "$python" -S "$@""#);
    let options = "--pages 2 --latency 0 --number 5 --jobs 2";
    let compared = with(&python, options);
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let shown = python.display();
    let complaint = format!(
        "Error: {shown} lacks aiohttp and requests, and cannot run 4 programs. Type \
         `{shown} -m venv ../venv` and `../venv/bin/pip install -r compare/python/requirements.txt`, then \
         run this with --python ../venv/bin/python"
    );
    let errors = compared
        .stderr
        .lines()
        .filter(|line| line.starts_with("Error"));
    assert_eq!(errors.collect::<Vec<_>>(), [complaint], "{compared}");
    let [downloaders, computers] = ["downloader", "_cpu.py"].map(|part| {
        let names = names(&compared).into_iter();
        names.filter(|name| name.contains(part)).count()
    });
    assert_eq!([downloaders, computers], [4, 4], "{compared}");
    assert!(
        rows(&compared).iter().all(|row| row["failure"].is_null()),
        "{compared}"
    );
    // What needs no package lacks nothing.
    let compared = with(&python, "--only sync-cpu --number 5 --jobs 2");
    assert!(compared.status.success(), "{compared}");
    assert_eq!(names(&compared), ["sync-cpu", "sync_cpu.py"]);
}

#[test]
fn a_free_threaded_interpreter_is_named_in_its_rows() {
    if !can(IS_NEW_ENOUGH) {
        return;
    }
    let options = "--only sync-cpu,parallel-cpu --number 26 --jobs 4 --workers 2";
    let compared = with(free_threaded(), options);
    assert!(compared.status.success(), "{compared}");
    let language = compared.json["settings"]["python"]
        .as_str()
        .expect("a name");
    assert!(
        language.starts_with("free-threaded Python 3."),
        "{language}"
    );
    let twins = rows(&compared).iter().filter(|row| !row["twin"].is_null());
    for row in twins {
        assert_eq!(row["language"], language, "{row}");
    }
    let lines = compared.stdout.lines();
    let named = lines.filter(|line| line.trim_start().starts_with("free-threaded Python "));
    assert_eq!(named.count(), 4, "{compared}");
    let page = fs::read_to_string(&compared.html).expect("the page was written");
    assert_eq!(page.matches("<td>free-threaded</td>").count(), 4, "{page}");
    // Nobody can say of its threads that they take turns.
    let notes = compared.json["notes"].to_string();
    assert!(!notes.contains("its threads took turns"), "{notes}");
    let compared = with(interpreter(), options);
    let notes = compared.json["notes"].to_string();
    let turns = "as Python lets one of them compute at a time: threaded_cpu.py (";
    let language = compared.json["settings"]["python"]
        .as_str()
        .expect("a name");
    assert_eq!(
        notes.contains(turns),
        language.starts_with("Python"),
        "{notes}"
    );
}

#[test]
fn each_program_is_short_and_raises_no_warning() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    for (_, name) in TWINS {
        let text = fs::read_to_string(programs.join(name)).expect("it is there");
        assert!(text.lines().count() <= 30, "{name} has more than 30 lines");
    }
    if !can(HAS_PACKAGES) {
        return;
    }
    for (_, name) in TWINS {
        let output = Command::new(interpreter())
            .args(["-B", "-W", "error"])
            .arg(programs.join(name))
            .arg("--help")
            .output()
            .expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && stderr.is_empty(),
            "{name}: {stderr}"
        );
    }
}
