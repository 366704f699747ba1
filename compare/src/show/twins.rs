//! The programs in Python beside their twins in Rust.

use maud::{Markup, html};

use super::{seconds, table, times};
use crate::measure::{Comparison, Figures};
use crate::programs::Work;

/// A program in Python and its twin in Rust, with the time of each in seconds.
struct Pair<'a> {
    python: (&'a Figures, f64),
    rust: (&'a Figures, f64),
    times_as_fast: f64,
}

/// Times that differ by a smaller part than this are the same.
const SAME: f64 = 0.1;

fn pairs<'a>(comparison: &'a Comparison) -> Vec<Pair<'a>> {
    let programs = comparison.programs.iter();
    let pair = |python: &'a Figures| {
        let rust = programs
            .clone()
            .find(|rust| Some(rust.name) == python.twin)?;
        let [python, rust] =
            [python, rust].map(|figures| Some((figures, figures.measured.as_ref()?)));
        let ((python, measured), (rust, of_rust)) = (python?, rust?);
        Some(Pair {
            python: (python, measured.time_s),
            rust: (rust, of_rust.time_s),
            times_as_fast: measured.twin_speed_up?,
        })
    };
    programs.clone().filter_map(pair).collect()
}

/// Where the language makes no difference, if it is so anywhere.
fn verdict(pairs: &[Pair]) -> Option<String> {
    let same = |pair: &&Pair| {
        pair.python.0.work == Work::Downloads && (pair.times_as_fast - 1.0).abs() < SAME
    };
    let names: Vec<&str> = pairs
        .iter()
        .filter(same)
        .map(|pair| pair.rust.0.short_name())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "Where a program waits, the language makes no difference: {}.",
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
        "in Rust",
        "time\ns",
        "times\nas fast",
    ];
    let row = |pair: &Pair| {
        let ((python, python_s), (rust, rust_s)) = (pair.python, pair.rust);
        let factor = times(pair.times_as_fast);
        vec![
            python.name.into(),
            seconds(python_s),
            rust.name.into(),
            seconds(rust_s),
            factor,
        ]
    };
    let rows = pairs.iter().map(row).collect();
    let table = table::table(head.map(String::from).to_vec(), rows, &[0, 2]);
    let verdict = verdict(&pairs).map(|verdict| verdict + "\n\n");
    Some(verdict.unwrap_or_default() + &table)
}

/// In the page, if twins were run.
pub fn in_page(comparison: &Comparison) -> Markup {
    let pairs = pairs(comparison);
    html! {
        @if let Some(verdict) = verdict(&pairs) { p { (verdict) } }
        @if !pairs.is_empty() {
            table.twins {
                thead {
                    tr {
                        th { "In Python" } th.number { "time" }
                        th { "in Rust" } th.number { "time" }
                        th.number { "times as fast" }
                    }
                }
                tbody {
                    @for pair in &pairs {
                        tr {
                            th scope="row" { (pair.python.0.name) }
                            td.number { (seconds(pair.python.1)) " s" }
                            td { (pair.rust.0.name) }
                            td.number { (seconds(pair.rust.1)) " s" }
                            td.number { strong { (times(pair.times_as_fast)) } }
                        }
                    }
                }
            }
        }
    }
}
