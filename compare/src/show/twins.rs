//! The programs in Python beside their twins in Rust.

use maud::{Markup, html};

use super::{known, seconds, table, times};
use crate::measure::{Comparison, Figures, Measured};
use crate::programs::Work;

/// A program in Python and its twin in Rust.
struct Pair<'a> {
    python: (&'a Figures, &'a Measured),
    rust: (&'a Figures, &'a Measured),
    times_as_fast: f64,
}

/// Times that differ by a smaller part than this are the same.
const SAME: f64 = 0.1;

fn pairs(comparison: &Comparison) -> Vec<Pair<'_>> {
    let programs = comparison.programs.iter();
    let measured = |program: &'static str| {
        programs
            .clone()
            .find(|found| found.name == program)
            .and_then(of)
    };
    let pair = |program| {
        let python = of(program)?;
        Some(Pair {
            python,
            rust: measured(program.twin?)?,
            times_as_fast: python.1.twin_speed_up?,
        })
    };
    programs.clone().filter_map(pair).collect()
}

fn of(program: &Figures) -> Option<(&Figures, &Measured)> {
    Some((program, program.measured.as_ref()?))
}

/// The time before the first request or job and after the last, in seconds, if there were any.
fn around(measured: &Measured) -> Option<f64> {
    (!measured.bars.is_empty()).then(|| (measured.time_s - measured.length()).max(0.0))
}

/// Where the language makes no difference, if it is so anywhere.
fn verdict(pairs: &[Pair]) -> Option<String> {
    let same = |pair: &&Pair| {
        let factor = pair.python.1.length() / pair.rust.1.length();
        pair.rust.0.work == Work::Downloads && (factor - 1.0).abs() < SAME
    };
    let same = pairs.iter().filter(same);
    let names: Vec<&str> = same.map(|pair| pair.rust.0.short_name()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Waiting takes as long in Python as in Rust: {}.",
            names.join(", ")
        )
    })
}

/// In the terminal, if twins were run.
pub fn in_words(comparison: &Comparison) -> Option<String> {
    let pairs = pairs(comparison);
    if pairs.is_empty() {
        return None;
    }
    let head = [
        "in Python",
        "time\ns",
        "start\ns",
        "in Rust",
        "time\ns",
        "start\ns",
        "× as\nfast",
    ];
    let cells = |(program, measured): (&Figures, &Measured)| {
        [
            program.name.to_owned(),
            seconds(measured.time_s),
            known(around(measured).map(seconds)),
        ]
    };
    let row = |pair: &Pair| {
        let [python, rust] = [pair.python, pair.rust].map(cells);
        let factor = [times(pair.times_as_fast)];
        python.into_iter().chain(rust).chain(factor).collect()
    };
    let rows = pairs.iter().map(row).collect();
    let table = table::table(head.map(String::from).to_vec(), rows, &[0, 3]);
    let verdict = verdict(&pairs).map(|verdict| verdict + "\n\n");
    Some(verdict.unwrap_or_default() + &table)
}

/// In the page, if twins were run.
pub fn in_page(comparison: &Comparison) -> Markup {
    let pairs = pairs(comparison);
    html! {
        @if let Some(verdict) = verdict(&pairs) { p { strong { (verdict) } } }
        @if !pairs.is_empty() {
            table.twins {
                thead {
                    tr {
                        @for language in ["In Python", "in Rust"] {
                            th { (language) } th.number { "time" } th.number { "start" }
                        }
                        th.number { "times as fast" }
                    }
                }
                tbody {
                    @for pair in &pairs {
                        tr {
                            @for (program, measured) in [pair.python, pair.rust] {
                                th scope="row" { (program.name) }
                                td.number { (seconds(measured.time_s)) " s" }
                                td.number {
                                    (known(around(measured).map(|time| seconds(time) + " s")))
                                }
                            }
                            td.number { strong { (times(pair.times_as_fast)) } }
                        }
                    }
                }
            }
        }
    }
}
