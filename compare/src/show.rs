//! Prints the tables, and writes the page, the picture and the figures that were asked for.

mod page;
mod plot;
mod table;
mod timeline;

use std::fs;
use std::path::PathBuf;

use shared::output::counted;
use shared::{Error, Result, println};

use crate::measure::Comparison;
use crate::options::Options;
use crate::programs::Work;

/// Shows the comparison wherever it was asked for.
///
/// # Errors
/// A file cannot be written.
pub fn show(comparison: &Comparison, options: &Options) -> Result<()> {
    write(&options.html, || page::of(comparison))?;
    write(&options.svg, || timeline::alone(comparison))?;
    write(&options.json, || {
        serde_json::to_string_pretty(comparison).expect("plain figures can be written as JSON")
    })?;
    println!("{}", circumstances(comparison));
    for work in [Work::Downloads, Work::Computations] {
        if let Some(table) = table::of(comparison, work) {
            println!("\n{table}");
        }
    }
    if let Some(table) = table::of_sweep(comparison) {
        println!("\n{table}");
    }
    if let Some(remarks) = table::of_remarks(comparison) {
        println!("\n{remarks}");
    }
    Ok(())
}

fn write(file: &Option<PathBuf>, content: impl Fn() -> String) -> Result<()> {
    let Some(file) = file else {
        return Ok(());
    };
    fs::write(file, content() + "\n").map_err(|error| {
        Error::from(error).while_doing(&format!("cannot write {}", file.display()))
    })
}

/// The machine and the settings, in a line.
fn circumstances(comparison: &Comparison) -> String {
    let (machine, settings) = (&comparison.machine, &comparison.settings);
    let mut parts = vec![
        counted(machine.cores, "core"),
        format!("{} {}", machine.system, machine.architecture),
        match settings.profile {
            "release" => "release build".into(),
            _ => "debug build".into(),
        },
    ];
    if let Some(latency) = comparison.measured_latency_ms {
        let faulty = if settings.faulty {
            "some of them broken, "
        } else {
            ""
        };
        let pages = counted(settings.pages, "page");
        parts.push(format!("{pages}, {faulty}{latency:.1} ms each"));
    }
    let computations = comparison.of(Work::Computations);
    if computations.iter().any(|program| !program.own_job) {
        let times = counted(settings.jobs, "time");
        parts.push(format!("fib({}) {times}", settings.number));
    }
    if settings.runs > 1 {
        parts.push(format!("median of {} runs", settings.runs));
    }
    parts.join(", ")
}

/// A time in seconds, to three digits or so.
fn seconds(time: f64) -> String {
    if time < 0.0995 {
        format!("{time:.3}")
    } else {
        format!("{time:.2}")
    }
}

fn times(factor: f64) -> String {
    if factor < 0.95 {
        format!("{factor:.2}×")
    } else if factor < 99.5 {
        format!("{factor:.1}×")
    } else {
        format!("{factor:.0}×")
    }
}

/// A figure that nobody could find is a dash.
fn known(figure: Option<impl ToString>) -> String {
    figure.map_or("–".into(), |figure| figure.to_string())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}
