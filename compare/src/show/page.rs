//! The page: everything that was measured, in one file that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{circumstances, known, legend, megabytes, plot, seconds, timeline, times, twins};
use crate::measure::{Comparison, Figures, Step};
use crate::programs::Work;
use shared::output::counted;

const STYLE: &str = include_str!("page.css");

/// The browser itself sees to it that the page asks nobody for anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

pub fn of(comparison: &Comparison) -> String {
    let processor = comparison.machine.processor.as_ref();
    let anything_drawn = comparison
        .programs
        .iter()
        .any(|program| program.measured.is_some());
    let varied = comparison
        .programs
        .iter()
        .any(|program| program.varies.is_some());
    let twins = comparison.settings.python.is_some();
    let plot = plot::of(comparison);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "The same job, side by side" }
                @for rules in [STYLE, timeline::STYLE, plot::STYLE] { style { (PreEscaped(rules)) } }
            }
            body {
                main {
                    h1 { "The same job, side by side" }
                    p.lead {
                        "The programs do the same job under different models of concurrency. Async has "
                        "another HTTP library, too, and more workers unless --workers says otherwise."
                        @if varied { " Below them are their variations, folded up." }
                        @if twins { " Below a program is its twin in Python." }
                    }
                    p.machine {
                        (circumstances(comparison))
                        @if let Some(processor) = processor { ", " (processor) }
                    }
                    (twins::in_page(comparison))
                    @for work in [Work::Downloads, Work::Computations] {
                        (tables(comparison, work))
                    }
                    p.legend {
                        @for (word, meaning) in legend(comparison) { strong { (word) } ": " (meaning) ". " }
                    }
                    @for program in &comparison.programs {
                        @if let Some(failure) = &program.failure {
                            p.note.failed { strong { (program.name) } " " (failure) }
                        }
                    }
                    @for note in &comparison.notes { p.note { strong { "Note: " } (note) } }
                    @if anything_drawn {
                        figure {
                            (timeline::in_page(comparison))
                            figcaption { "Hover over a bar to see what it stands for." }
                        }
                    }
                    @if let Some(plot) = plot {
                        figure { (plot) }
                        (sweep(&comparison.sweep))
                        @for note in &comparison.sweep_notes { p.note { (note) } }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// The programs that do this work, if any were chosen, and folded up below them their variations.
fn tables(comparison: &Comparison, work: Work) -> Markup {
    let programs = comparison.of(work);
    let of = |lesson: &str| {
        let variations = programs.iter().copied();
        variations
            .filter(|program| program.varies == Some(lesson))
            .collect::<Vec<_>>()
    };
    let lessons = programs.iter().map(|program| program.name);
    let lessons: Vec<(&str, Vec<&Figures>)> = lessons
        .map(|name| (name, of(name)))
        .filter(|(_, variations)| !variations.is_empty())
        .collect();
    let folded = |program: &&&Figures| lessons.iter().any(|(name, _)| program.varies == Some(name));
    let open = programs
        .iter()
        .filter(|program| !folded(program))
        .copied()
        .collect();
    html! {
        (table(comparison, work, open))
        @for (name, variations) in lessons.iter().cloned() {
            details {
                summary { (counted(variations.len(), "variation")) " of " (name) }
                (table(comparison, work, variations))
            }
        }
    }
}

fn table(comparison: &Comparison, work: Work, programs: Vec<&Figures>) -> Markup {
    let (title, lanes) = match work {
        Work::Downloads => ("Downloads", "connections"),
        Work::Computations => ("Computations", "threads"),
    };
    let memory = format!("Peak memory {}", comparison.memory_is);
    html! {
        @if !programs.is_empty() {
            table {
                thead {
                    tr {
                        th { (title) } th { "model" }
                        th.number title="From the start of the process to its end" { "time" }
                        th.number title="Times as fast as the sync program in the same language" { "speed-up" }
                        th.number title="The most under way at once" { "at once" }
                        th.number { (lanes) }
                        th.number title="User and system time of all its processes" { "CPU time" }
                        th.number title=(memory) { "memory" }
                        th.number { "ok" } th.number { "failed" }
                    }
                }
                tbody { @for program in programs { (row(program)) } }
            }
        }
    }
}

fn row(program: &Figures) -> Markup {
    html! {
        tr.variation[program.varies.or(program.twin).is_some()] data-program=(program.name) {
            th scope="row" { (program.name) }
            // The model is that of its twin above.
            td {
                @match program.twin {
                    Some(_) => (program.dialect().trim_end_matches(" Python")),
                    None => (program.model),
                }
            }
            @match &program.measured {
                Some(measured) => {
                    td.number { strong { (seconds(measured.time_s)) " s" } }
                    td.number { (known(measured.speed_up.map(times))) }
                    td.number { (known(measured.most_at_once)) }
                    td.number { (known(measured.lanes)) }
                    td.number { (seconds(measured.cpu_time_s)) " s" }
                    td.number {
                        (known(measured.memory_bytes.map(|bytes| megabytes(bytes) + " MB")))
                    }
                    td.number { (measured.ok) }
                    td.number.bad[measured.failed > 0] { (measured.failed) }
                }
                None => td.bad colspan="8" { "failed" }
            }
        }
    }
}

fn sweep(steps: &[Step]) -> Markup {
    let names = steps
        .first()
        .map(|step| &step.programs[..])
        .unwrap_or_default();
    html! {
        table {
            thead {
                tr {
                    th.number { "workers" } th.number { "ideal" }
                    @for program in names { th.number { (program.name) } }
                }
            }
            tbody {
                @for step in steps {
                    tr {
                        td.number { (step.workers) }
                        td.number { (seconds(step.ideal_s)) " s" }
                        @for program in &step.programs {
                            @match program.time_s {
                                Some(time) => td.number { (seconds(time)) " s" },
                                None => td.number.bad title=[&program.failure] { "failed" },
                            }
                        }
                    }
                }
            }
        }
    }
}
