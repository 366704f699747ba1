//! A `results.json` for every submission, as Gradescope reads it.

use std::fs;
use std::path::Path;

use serde::Serialize;
use shared::{Error, Result};

use super::files;
use crate::grade::{Check, Fate, Grade, Verdict};

#[derive(Serialize)]
struct Results<'a> {
    score: usize,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
    tests: Vec<Test<'a>>,
}

#[derive(Serialize)]
struct Test<'a> {
    name: &'a str,
    score: u8,
    max_score: u8,
    /// "passed" or "failed": there is nothing else.
    status: &'static str,
    output: String,
}

/// Writes `FOLDER/STUDENT/EXERCISE/results.json`.
///
/// # Errors
/// One cannot be written.
pub fn results(grades: &[Grade], folder: &Path) -> Result<()> {
    // Whoever was not graded has no score, and not a score of 0.
    for grade in grades.iter().filter(|grade| grade.is_graded()) {
        let folder = folder.join(&grade.folder).join(&grade.exercise);
        fs::create_dir_all(&folder).map_err(|error| {
            Error::from(error).while_doing(&format!("cannot make {}", folder.display()))
        })?;
        let results = Results {
            score: grade.points(),
            output: said(grade),
            tests: grade.checks.iter().map(test).collect(),
        };
        files::replace(
            &folder.join("results.json"),
            &serde_json::to_vec_pretty(&results)?,
        )?;
    }
    Ok(())
}

fn said(grade: &Grade) -> String {
    match &grade.fate {
        Fate::Refused(reason) => format!("{reason}\n{}", grade.said).trim().to_owned(),
        _ => String::new(),
    }
}

fn test(check: &Check) -> Test<'_> {
    let passed = check.verdict == Verdict::Passed;
    Test {
        name: &check.name,
        score: passed.into(),
        max_score: 1,
        status: if passed { "passed" } else { "failed" },
        output: match check.verdict {
            Verdict::NotRun => "not run".into(),
            _ => check.message.clone(),
        },
    }
}
