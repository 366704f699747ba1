//! The examples, as rows below the programs that they vary.

mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use running::{Compared, compare};
use serde_json::Value;

/// One run for all tests that only look at it.
fn compared() -> &'static Compared {
    static RUN: OnceLock<Compared> = OnceLock::new();
    // Not `--variations`: where nats-server is installed that builds for minutes what nothing
    // else needs. Another test sees what it chooses.
    let mut names = BTreeSet::new();
    for (example, program) in examples() {
        names.extend([example, program]);
    }
    let names: Vec<String> = names.into_iter().collect();
    let options = "--pages 20 --latency 2 --number 15 --jobs 6 --sweep 2 --only";
    RUN.get_or_init(|| compare(&format!("{options} {}", names.join(","))))
}

fn programs(compared: &Compared) -> &Vec<Value> {
    compared.json["programs"].as_array().expect("a list")
}

fn names(compared: &Compared) -> Vec<&str> {
    let rows = programs(compared).iter();
    rows.filter_map(|row| row["name"].as_str()).collect()
}

/// The figure of every row, by the name of its program.
fn figures(figure: &str) -> BTreeMap<&'static str, &'static Value> {
    let of = |program: &'static Value| {
        let name = program["name"].as_str().expect("a name");
        (name, &program["measured"][figure])
    };
    programs(compared()).iter().map(of).collect()
}

/// Every example that there is, with the program beside which it stands.
fn examples() -> BTreeSet<(String, String)> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    list(workspace.expect("a workspace"))
        .flat_map(|program| {
            list(&program.path().join("examples")).map(move |example| {
                let names = [example.file_name(), program.file_name()];
                names.map(|name| name.to_string_lossy().into_owned())
            })
        })
        // An example is a file, or a folder if it needs more than one.
        .map(|[file, program]| (file.trim_end_matches(".rs").to_owned(), program))
        .collect()
}

#[test]
fn every_example_is_a_row_below_its_program() {
    let mut rows = BTreeSet::new();
    let mut program = "";
    for row in programs(compared()) {
        let name = row["name"].as_str().expect("a name");
        match row["varies"].as_str() {
            None => program = name,
            Some(varies) => {
                assert_eq!(varies, program, "{name} stands below another program");
                rows.insert((name.to_owned(), varies.to_owned()));
            }
        }
    }
    assert_eq!(rows, examples());
}

#[test]
fn every_row_has_its_figures() {
    let compared = compared();
    assert!(compared.status.success(), "{compared}");
    for row in programs(compared) {
        let (name, measured) = (row["name"].as_str().expect("a name"), &row["measured"]);
        let pieces = match name {
            "compress_files" => 12,
            "two_threads" | "two_tasks" | "two_processes" | "deadlock" | "deadlock_cured" => 2,
            _ if row["work"] == "downloads" => 20,
            _ => 6,
        };
        // Two locks in two orders stop both for ever, as they are to.
        let done = if name == "deadlock" { 0 } else { pieces };
        assert_eq!(measured["ok"], done, "{row}");
        assert_eq!(measured["failed"], pieces - done, "{row}");
        // What does another job is not as fast or slow as anything.
        let other_job = pieces == 12 || pieces == 2;
        assert_eq!(row["own_job"], other_job, "{row}");
        assert_eq!(measured["speed_up"].is_null(), other_job, "{row}");
        let bars = measured["bars"].as_array().expect("a list").len();
        let nobody_counted = pieces == 2 || name == "remembered" || name == "one_job";
        let asked = match name {
            // The site is asked for each of the two pages once.
            "cached" => 2,
            "first_answer" => 2 * pieces,
            _ => pieces,
        };
        assert_eq!(bars, if nobody_counted { 0 } else { asked }, "{row}");
        assert_eq!(measured["lanes"].is_null(), nobody_counted, "{row}");
    }
}

#[test]
fn the_rows_show_what_was_seen() {
    let lanes = figures("lanes");
    assert_eq!(lanes["session_per_page"], 20);
    assert_eq!(lanes["process_per_page"], 20);
    assert_eq!(lanes["blocking_call"], 1);
    let at_once = figures("most_at_once");
    assert_eq!(at_once["blocking_call"], 1);
    assert_eq!(at_once["async_tasks"], 1);
    for name in ["two_threads", "two_tasks", "two_processes", "deadlock"] {
        assert_eq!(at_once[name], 2, "{name}");
    }
}

#[test]
fn computing_beside_waiting_is_shown_on_the_same_axis() {
    let computations = figures("computations");
    for (name, jobs) in &computations {
        let jobs = jobs.as_array().expect("a list");
        let stalled = name.ends_with("_stalled");
        let computes = name.starts_with("download_and_compute");
        assert_eq!(jobs.len(), if computes { 20 } else { 0 }, "{name}");
        // The first page, which takes 2 ms, came before something could be computed for it.
        let mut starts = jobs.iter().map(|job| job["start_s"].as_f64());
        assert!(starts.all(|start| start >= Some(0.002)), "{name}");
        assert!(
            !stalled || jobs.iter().all(|job| job["lane"] == 0),
            "{name}"
        );
    }
    // On the whole axis; the enlarged beginning has them once more.
    let drawn = compared().svg.matches("computing, by thread").count();
    assert!(drawn >= 2, "drawn {drawn} times");
}

#[test]
fn abandoned_requests_are_no_failures() {
    let bars = figures("bars")["first_answer"].as_array().expect("a list");
    let abandoned = bars.iter().filter(|bar| bar["abandoned"] == true);
    let abandoned: Vec<&Value> = abandoned.collect();
    assert_eq!(abandoned.len(), 20);
    assert!(abandoned.iter().all(|bar| bar["what"] == "/hang"));
    assert!(compared().svg.contains("class=\"bar abandoned\""));
    assert!(!compared().svg.contains("class=\"bar failed"));
}

#[test]
fn the_page_folds_the_variations_of_every_lesson() {
    let page = fs::read_to_string(&compared().html).expect("the page was written");
    for summary in ["5 variations of sync-cpu", "1 variation of sync-cpu"] {
        let expected = summary.starts_with('1');
        let summary = format!("<summary>{summary}</summary>");
        assert_eq!(page.contains(&summary), expected, "{summary}");
    }
    let folded = page.split("<details>").skip(1);
    let folded = folded.filter_map(|rest| rest.split_once("</details>"));
    let rows: usize = folded
        .map(|(rows, _)| rows.matches("<tr class=\"variation\"").count())
        .sum();
    assert_eq!(rows, examples().len());
    assert_eq!(page.matches("<tr class=\"variation\"").count(), rows);
}

#[test]
fn other_jobs_are_called_so() {
    let notes = compared().json["notes"].to_string();
    let doubt = "no speed-up: deadlock, deadlock_cured, two_threads, two_tasks, two_processes, \
                 compress_files";
    assert!(notes.contains(doubt), "no `{doubt}` in {notes}");
}

#[test]
fn the_table_has_a_line_for_every_row_and_fits_into_80_columns() {
    let compared = compared();
    for row in programs(compared)
        .iter()
        .filter(|row| !row["varies"].is_null())
    {
        let name = row["name"].as_str().expect("a name");
        let line = format!("\n  {name} ");
        assert_eq!(
            compared.stdout.matches(&line).count(),
            1,
            "{name} {compared}"
        );
    }
    for line in compared.stdout.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
    }
}

#[test]
fn a_sweep_and_a_choice_are_of_programs() {
    let sweep = compared().json["sweep"][0]["programs"].as_array();
    assert_eq!(sweep.map(Vec::len), Some(3), "{}", compared());
    let chosen = compare("--variations --only sync-cpu --number 15 --jobs 2");
    assert_eq!(names(&chosen), ["sync-cpu", "remembered"]);
    let chosen = compare("--only parallel-cpu,threads --number 15 --jobs 2");
    assert_eq!(names(&chosen), ["parallel-cpu", "threads"]);
}

#[test]
fn a_missing_example_is_a_row() {
    let folder = running::folder();
    let options = format!(
        "--variations --only sync-cpu --programs {}",
        folder.display()
    );
    let compared = compare(&options);
    assert_eq!(compared.status.code(), Some(1), "{compared}");
    let remembered = &compared.json["programs"][1];
    assert_eq!(remembered["name"], "remembered");
    let failure = remembered["failure"].as_str().expect("a reason");
    assert!(failure.starts_with("missing: "), "{failure}");
}
