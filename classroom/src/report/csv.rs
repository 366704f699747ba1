//! A row for every submission, for a spreadsheet.

use shared::Result;

use crate::grade::Grade;

/// The rows, below their heads.
///
/// # Errors
/// Never, but for want of memory.
pub fn rows(grades: &[Grade]) -> Result<Vec<u8>> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(["student", "exercise", "points", "of", "reason"])?;
    for grade in grades {
        let points = match grade.is_graded() {
            false => String::new(),
            true => grade.points().to_string(),
        };
        rows.write_record([
            harmless(grade.student()),
            harmless(grade.exercise.clone()),
            points,
            grade.checks.len().to_string(),
            harmless(grade.reason()),
        ])?;
    }
    Ok(rows.into_inner()?)
}

/// A spreadsheet takes what begins like a formula for one, and computes it.
fn harmless(text: String) -> String {
    match text.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}') => {
            format!("'{text}")
        }
        _ => text,
    }
}
