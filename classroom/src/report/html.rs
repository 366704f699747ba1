//! A page that needs no network: the table, where every grade opens to its checks.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use shared::Result;

use super::table::{exercises, of_all};
use crate::grade::{Check, Fate, Grade, Verdict, first_line};

const STYLE: &str = include_str!("page.css");

/// The page.
///
/// # Errors
/// Never.
pub fn page(grades: &[Grade]) -> Result<Vec<u8>> {
    let exercises = exercises(grades);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                // Whatever a student's program printed cannot make the page ask for anything.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { "Grades" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Grades" }
                table {
                    thead { tr {
                        th { "student" }
                        @for exercise in &exercises { th { (exercise) } }
                    } }
                    tbody {
                        @for of_student in grades.chunks(exercises.len().max(1)) {
                            tr {
                                th scope="row" { bdi { (of_student[0].student()) } }
                                @for grade in of_student { td { (details(grade)) } }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page.into_string().into_bytes())
}

fn details(grade: &Grade) -> Markup {
    let mark = match grade.fate {
        Fate::NotGraded(_) => "?",
        _ if grade.points() == grade.checks.len() => "✓",
        _ => "✗",
    };
    html! {
        details {
            summary { (mark) " " (of_all(grade)) span.reason { " " (grade.reason()) } }
            @if let Fate::Refused(reason) = &grade.fate { p { (reason) } }
            @if !grade.said.is_empty() {
                details { summary { "What the compiler and the tests said" } pre { (grade.said) } }
            }
            @if grade.checks.iter().all(|check| check.verdict == Verdict::NotRun) {
                p { "No check ran." }
            } @else {
                ol { @for check in &grade.checks { (of_check(check)) } }
            }
        }
    }
}

fn of_check(check: &Check) -> Markup {
    let (class, mark) = match check.verdict {
        Verdict::Passed => ("passed", "✓"),
        Verdict::Failed => ("failed", "✗"),
        Verdict::NotRun => ("not-run", "–"),
    };
    let first = first_line(&check.message);
    let seen = check.message[first.len()..].trim();
    html! {
        li class=(class) {
            (mark) " " code { (check.name) } " " (check.verdict.name())
            @if !first.is_empty() { p { (first) } }
            @if !seen.is_empty() {
                details { summary { "What was seen" } pre { (seen) } }
            }
        }
    }
}
