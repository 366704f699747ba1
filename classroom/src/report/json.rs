//! Every grade with every check, for programs.

use serde::Serialize;
use shared::Result;

use crate::grade::{Check, Grade};

#[derive(Serialize)]
struct Entry<'a> {
    student: String,
    exercise: &'a str,
    /// None, if it was not graded.
    points: Option<usize>,
    of: usize,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    checks: &'a [Check],
}

/// The grades, in order.
///
/// # Errors
/// Never, but for want of memory.
pub fn all(grades: &[Grade]) -> Result<Vec<u8>> {
    let entries: Vec<Entry> = grades.iter().map(entry).collect();
    Ok(serde_json::to_vec_pretty(&entries)?)
}

fn entry(grade: &Grade) -> Entry<'_> {
    Entry {
        student: grade.student(),
        exercise: &grade.exercise,
        points: grade.is_graded().then(|| grade.points()),
        of: grade.checks.len(),
        reason: grade.reason(),
        checks: &grade.checks,
    }
}
