//! Prints the tables, and writes the page, the picture and the figures that were asked for.

mod files;
mod page;
mod plot;
mod table;
mod timeline;
mod trace;
mod twins;

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use shared::Error;
use shared::output::{complain, counted, harmless};

use crate::measure::Comparison;
use crate::options::Options;
use crate::programs::Work;
pub use trace::of as trace;

/// What the words of the tables mean.
fn legend(comparison: &Comparison) -> Vec<(&'static str, &'static str)> {
    let (start, speed_up) = match comparison.settings.python {
        None => (
            None,
            "how many times as fast as the sync program of the same table",
        ),
        Some(_) => (
            Some((
                "start",
                "the time before the first request or job and after the last",
            )),
            "how many times as fast as the sync program in the same language",
        ),
    };
    let words = [
        ("speed-up", speed_up),
        (
            "at once",
            "the most requests in flight, or jobs under way, at the same moment",
        ),
        (
            "CPU time",
            "how long cores worked for it, all its processes together",
        ),
    ];
    start.into_iter().chain(words).collect()
}

/// Shows the comparison wherever it was asked for: printed first, then in files. What cannot be
/// written is told, and the rest is written all the same; returns whether all of it was.
pub fn show(comparison: &Comparison, trace: Option<&str>, options: &Options) -> bool {
    let printed = print(comparison);
    // Drawn before a file is begun: an interruption leaves none behind.
    let [page, picture] = [
        (&options.html, page::of as fn(&Comparison) -> String),
        (&options.svg, timeline::alone),
    ]
    .map(|(file, draw)| {
        let drawn = file.as_ref().map(|_| draw(comparison)).unwrap_or_default();
        write(file, |file| file.write_all(drawn.as_bytes()))
    });
    let figures = write(&options.json, |file| {
        Ok(serde_json::to_writer_pretty(file, comparison)?)
    });
    let trace = write(&options.trace, |file| {
        file.write_all(trace.unwrap_or_default().as_bytes())
    });
    printed && page && picture && figures && trace
}

/// A reader who has seen enough, as in `| head -1`, is no failure, and no reason to write no files.
fn print(comparison: &Comparison) -> bool {
    let twins = twins::in_words(comparison);
    let tables = [Work::Downloads, Work::Computations].map(|work| table::of(comparison, work));
    let mut text = table::lines(&circumstances(comparison)) + "\n";
    // What the language makes no difference to is what a reader should know first.
    let parts = [twins].into_iter().chain(tables).chain([
        table::of_sweep(comparison),
        Some(table::legend(comparison)),
        table::of_remarks(comparison),
    ]);
    for part in parts.flatten() {
        text.push_str(&format!("\n{part}\n"));
    }
    match io::stdout().write_all(harmless(&text).as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let error = Error::from(error).while_doing("cannot write to standard output");
            complain(format_args!("Error: {error}"));
            false
        }
        _ => true,
    }
}

fn write(file: &Option<PathBuf>, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> bool {
    let Some(file) = file else {
        return true;
    };
    let written = files::write(file, content);
    if let Err(error) = written {
        let doing = format!("cannot write {}", file.display());
        let error = Error::from(error).while_doing(&doing);
        complain(format_args!("Error: {error}"));
        return false;
    }
    true
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
    if let Some(python) = &settings.python {
        parts.push(python.clone());
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
