//! The figures agree with each other, wherever they are shown.

mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use roxmltree::{Document, Node};
use running::{Compared, compare};
use serde_json::Value;

/// One run for all tests that only look at it.
fn compared() -> &'static Compared {
    static RUN: OnceLock<Compared> = OnceLock::new();
    RUN.get_or_init(|| {
        compare("--pages 40 --latency 2 --faulty --number 20 --jobs 6 --sweep 2,4 --runs 2")
    })
}

fn downloads(json: &Value) -> impl Iterator<Item = &Value> {
    let programs = json["programs"].as_array().expect("a list").iter();
    programs.filter(|program| program["work"] == "downloads")
}

fn bars(program: &Value) -> &Vec<Value> {
    program["measured"]["bars"].as_array().expect("a list")
}

#[test]
fn every_program_is_measured() {
    let compared = compared();
    assert!(compared.status.success(), "{compared}");
    let programs = compared.json["programs"].as_array().expect("a list");
    assert_eq!(programs.len(), 6, "{compared}");
    for program in programs {
        let measured = &program["measured"];
        let (ok, failed) = match program["work"].as_str() {
            Some("downloads") => (36, 4),
            _ => (6, 0),
        };
        assert_eq!(
            (&measured["ok"], &measured["failed"]),
            (&ok.into(), &failed.into()),
            "{program}"
        );
        assert_eq!(
            measured["times_s"].as_array().map(Vec::len),
            Some(2),
            "{program}"
        );
    }
}

#[test]
fn downloads_are_told_as_the_site_saw_them() {
    for program in downloads(&compared().json) {
        let measured = &program["measured"];
        let bars = bars(program);
        // A page that was lost with a connection that had served before is asked for once more.
        let resets = bars.iter().filter(|bar| bar["what"] == "/reset").count();
        assert!((1..=2).contains(&resets), "{program}");
        assert_eq!(bars.len() - resets, 39, "{program}");
        let good = bars.iter().filter(|bar| bar["good"] == true).count();
        assert_eq!(measured["ok"], good, "{program}");
        let lanes: BTreeSet<u64> = bars.iter().filter_map(|bar| bar["lane"].as_u64()).collect();
        assert_eq!(measured["lanes"], lanes.len(), "{program}");
        let time = |bar: &Value, name: &str| bar[name].as_f64().expect("a number");
        let at_once = |moment: f64| {
            let under_way =
                |bar: &&Value| (time(bar, "start_s")..time(bar, "end_s")).contains(&moment);
            bars.iter().filter(under_way).count()
        };
        let most = bars.iter().map(|bar| at_once(time(bar, "start_s"))).max();
        assert_eq!(measured["most_at_once"], most.expect("bars"), "{program}");
    }
}

#[test]
fn the_table_and_the_json_say_the_same() {
    let compared = compared();
    let lines: Vec<Vec<&str>> = compared
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for program in compared.json["programs"].as_array().expect("a list") {
        let (name, work) = program["name"]
            .as_str()
            .and_then(|name| name.split_once('-'))
            .expect("a name");
        // The block of the downloads comes first.
        let head = lines
            .iter()
            .position(|line| line.first() == Some(&work))
            .expect("a head");
        let row = lines[head..]
            .iter()
            .find(|line| line.first() == Some(&name))
            .expect("a row");
        let measured = &program["measured"];
        let tail = &row[row.len() - 7..];
        assert_eq!(
            [tail[2], tail[3]].map(String::from),
            [&measured["most_at_once"], &measured["lanes"]].map(Value::to_string)
        );
        assert_eq!(
            tail[6],
            format!("{}/{}", measured["ok"], measured["failed"])
        );
        for (shown, figure) in [
            (tail[0], &measured["time_s"]),
            (tail[4], &measured["cpu_time_s"]),
        ] {
            let shown: f64 = shown.parse().expect("a number");
            let figure = figure.as_f64().expect("a number");
            assert!(
                (shown - figure).abs() < 0.0051,
                "{shown} is not {figure}\n{compared}"
            );
        }
    }
}

#[test]
fn the_output_fits_into_80_columns_and_has_no_colour() {
    let compared = compared();
    for line in compared.stdout.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
    }
    assert!(!compared.stdout.contains('\u{1b}'), "{compared}");
}

#[test]
fn doubtful_figures_are_called_so() {
    let compared = compared();
    let notes = compared.json["notes"].to_string();
    for doubt in [
        "async-downloader has 100 workers",
        "4 of 40 pages are broken on purpose",
    ] {
        assert!(notes.contains(doubt), "no `{doubt}` in {notes}");
    }
    assert_eq!(
        notes.contains("debug build"),
        cfg!(debug_assertions),
        "{notes}"
    );
    let crowded = compare("--only parallel-cpu --number 5 --jobs 2 --workers 300");
    let notes = crowded.json["notes"].to_string();
    assert!(
        notes.contains("so they took turns: parallel-cpu"),
        "{notes}"
    );
}

#[test]
fn the_sweep_tells_every_step() {
    let sweep = compared().json["sweep"].as_array().expect("a list");
    let workers: Vec<&Value> = sweep.iter().map(|step| &step["workers"]).collect();
    assert_eq!(workers, [2, 4]);
    for step in sweep {
        assert_eq!(step["programs"].as_array().map(Vec::len), Some(3), "{step}");
    }
    let head = compared().stdout.find("workers  ideal");
    assert!(head.is_some(), "{}", compared());
}

#[test]
fn the_picture_parses_and_shows_every_request() {
    let picture = &compared().svg;
    let document = Document::parse(picture).expect("the picture is XML");
    assert_eq!(document.root_element().tag_name().name(), "svg");
    for program in downloads(&compared().json) {
        let name = program["name"].as_str().expect("a name");
        let is_of = |node: &Node| {
            node.attribute("data-program") == Some(name)
                && node
                    .attribute("class")
                    .is_some_and(|class| class.contains("whole"))
        };
        let group = document.descendants().find(is_of).expect("a group");
        let with_class = |class: &str| {
            let has = |node: &Node| {
                node.attribute("class")
                    .is_some_and(|all| all.split(' ').any(|one| one == class))
            };
            group.descendants().filter(has).count()
        };
        assert_eq!(with_class("bar"), bars(program).len(), "{name}");
        assert_eq!(program["measured"]["lanes"], with_class("lane"), "{name}");
        // Every failure is marked by its shape, too.
        let failed = bars(program).iter().filter(|bar| bar["good"] == false);
        let failed = failed.count();
        assert_eq!(
            (with_class("failed"), with_class("cross")),
            (failed, failed),
            "{name}"
        );
    }
}

#[test]
fn a_picture_of_too_many_pages_is_thinned_and_says_so() {
    let compared = compare("--only sync-downloader --pages 20000 --latency 0 --faulty");
    let bars = bars(&compared.json["programs"][0]);
    let drawn = compared.svg.matches("<rect class=\"bar").count();
    assert!(drawn < bars.len() / 2, "{drawn} of {}", bars.len());
    assert!(compared.svg.contains("Too many to be seen one by one"));
    // What failed is seen all the same.
    assert!(compared.svg.contains("class=\"bar failed\""));
    assert!(bars.len() >= 20_000, "the figures are complete");
}

/// `JSON.md` and the file that it explains have the same members, with the same types.
#[test]
fn the_json_is_what_its_page_says() {
    let mut written = BTreeMap::new();
    members("", &compared().json, &mut written);
    let mut explained = BTreeMap::new();
    for line in include_str!("../JSON.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
    {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        explained.insert(
            cells[1].trim_matches('`').to_owned(),
            cells[2].split(" or ").collect::<Vec<_>>(),
        );
    }
    for (member, types) in &written {
        let allowed = explained
            .get(member)
            .unwrap_or_else(|| panic!("JSON.md explains no {member}"));
        for of_type in types {
            assert!(
                allowed.contains(of_type),
                "{member} is {of_type}, not {allowed:?}"
            );
        }
    }
    for member in explained.keys() {
        assert!(
            written.contains_key(member),
            "JSON.md explains {member}, which is not there"
        );
    }
}

fn members(path: &str, value: &Value, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    let of_type = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "list",
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    };
    match value {
        Value::Object(object) => {
            if path.ends_with("measured") {
                found.entry(path.into()).or_default().insert(of_type);
            }
            for (name, value) in object {
                members(
                    format!("{path}.{name}").trim_start_matches('.'),
                    value,
                    found,
                );
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|value| members(&format!("{path}[]"), value, found)),
        _ => {
            found.entry(path.into()).or_default().insert(of_type);
        }
    }
}
