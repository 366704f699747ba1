//! The tables in the terminal: no colour, and no wider than 80 columns.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};

use super::{known, megabytes, seconds, times};
use crate::measure::{Comparison, Figures};
use crate::programs::Work;

const WIDTH: u16 = 80;

/// A line under the head, and nothing else but space.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// An enumeration, in as many lines as it takes.
pub fn lines(parts: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for part in parts.split_inclusive(", ") {
        match lines.last_mut() {
            Some(line) if line.len() + part.trim_end().len() <= WIDTH.into() => line.push_str(part),
            _ => lines.push(part.into()),
        }
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}

/// The programs that do this work, if any were chosen.
pub fn of(comparison: &Comparison, work: Work) -> Option<String> {
    let programs = comparison.of(work);
    if programs.is_empty() {
        return None;
    }
    let (kind, lanes) = match work {
        Work::Downloads => ("downloader", "connec-\ntions"),
        Work::Computations => ("cpu", "threads"),
    };
    // One column for the name and the model: the name of a variation needs the room of both.
    let words = |name: &str, model: &str| format!("{name:<width$}  {model}", width = kind.len());
    let head = [
        &words(kind, "model"),
        "time\ns",
        "speed-\nup",
        "at\nonce",
        lanes,
        "CPU\ntime s",
        "memory\nMB",
        "ok/\nfailed",
    ];
    let examples = programs.iter().filter(|program| program.varies.is_some());
    let examples: Vec<&str> = examples.map(|program| program.name).collect();
    let rows = programs.into_iter().map(|program| {
        let name = match (program.varies, program.twin) {
            (None, None) => words(program.short_name(), &program.model),
            (Some(_), _) => format!("  {}", program.name),
            (None, Some(of)) if examples.contains(&of) => format!("    {}", program.dialect()),
            (None, Some(_)) => format!("  {}", program.dialect()),
        };
        row(name, program)
    });
    Some(table(head.map(String::from).to_vec(), rows.collect(), &[0]))
}

fn row(name: String, program: &Figures) -> Vec<String> {
    let mut row = vec![name];
    match &program.measured {
        Some(measured) => row.extend([
            seconds(measured.time_s),
            known(measured.speed_up.map(times)),
            known(measured.most_at_once),
            known(measured.lanes),
            seconds(measured.cpu_time_s),
            known(measured.memory_bytes.map(megabytes)),
            format!("{}/{}", measured.ok, measured.failed),
        ]),
        None => {
            row.push("failed".into());
            row.extend(vec!["–".into(); 6]);
        }
    }
    row
}

/// Time against workers, if there was a sweep.
pub fn of_sweep(comparison: &Comparison) -> Option<String> {
    let mut head = vec!["workers".to_owned(), "ideal\ns".into()];
    let names = comparison.sweep.first()?.programs.iter();
    head.extend(names.map(|program| program.name.replace("-downloader", "\ns")));
    let rows = comparison.sweep.iter().map(|step| {
        let times = step.programs.iter();
        let times = times.map(|program| program.time_s.map_or("failed".into(), seconds));
        [step.workers.to_string(), seconds(step.ideal_s)]
            .into_iter()
            .chain(times)
            .collect()
    });
    Some(table(head, rows.collect(), &[]))
}

/// What the words of the tables mean.
pub fn legend(comparison: &Comparison) -> String {
    let lines = super::legend(comparison).into_iter();
    let lines = lines.map(|(word, meaning)| format!("{word}: {meaning}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What there is to say about the figures, if anything.
pub fn of_remarks(comparison: &Comparison) -> Option<String> {
    let failures = comparison
        .programs
        .iter()
        .filter_map(|program| Some(format!("{} {}", program.name, program.failure.as_ref()?)));
    let sweep = comparison.sweep.iter().flat_map(|step| {
        step.programs.iter().filter_map(move |program| {
            let failure = program.failure.as_ref()?;
            Some(format!(
                "{} with {} workers {failure}",
                program.name, step.workers
            ))
        })
    });
    let failures = failures.chain(sweep).map(|failure| ("Failed:", failure));
    let explanations = comparison
        .sweep_notes
        .iter()
        .map(|note| ("Sweep:", note.clone()));
    let notes = comparison.notes.iter().map(|note| ("Note:", note.clone()));
    let remarks: Vec<Vec<String>> = failures
        .chain(explanations)
        .chain(notes)
        .map(|(kind, text)| vec![kind.to_owned(), text])
        .collect();
    if remarks.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .add_rows(remarks);
    space(&mut table, 1);
    Some(table.trim_fmt())
}

/// A table whose columns hold numbers but for those that hold `words`.
pub fn table(head: Vec<String>, rows: Vec<Vec<String>>, words: &[usize]) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(Row::from(head))
        .add_rows(rows);
    let numbers = |(index, _): &(usize, _)| !words.contains(index);
    for (_, column) in table.column_iter_mut().enumerate().filter(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    // The line under the head adds a column of its own between any two; for the longest names
    // that must be enough.
    space(&mut table, 1);
    let text = table.trim_fmt();
    if text
        .lines()
        .all(|line| line.chars().count() <= WIDTH.into())
    {
        return text;
    }
    space(&mut table, 0);
    table.trim_fmt()
}

/// Puts so much space between the columns, and none around them.
fn space(table: &mut Table, between: u16) {
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index < last { between } else { 0 }));
    }
}
