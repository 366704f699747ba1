//! Checks exercises: each compiles without a warning and does not pass as it is handed out, and
//! its solution passes.

use std::collections::BTreeSet;

use shared::output::{complain, counted};
use shared::{Result, println};

use super::grades::{Fate, Grade};
use super::submissions::Submission;
use super::{Conditions, grade_these};
use crate::exercises::Exercise;
use crate::starter;
use crate::workspace::Workspace;

/// Says what is wrong with each of the exercises, and returns whether nothing is.
///
/// # Errors
/// There are no means to grade, or no starter can be made.
pub fn check(
    workspace: &Workspace,
    exercises: &[Exercise],
    conditions: Conditions,
) -> Result<bool> {
    let troubles = troubles(workspace, exercises, conditions)?;
    for (exercise, troubles) in exercises.iter().zip(&troubles) {
        for trouble in troubles {
            complain(format_args!("{}: {trouble}", exercise.name));
        }
    }
    let right = troubles.iter().filter(|troubles| troubles.is_empty());
    let (right, all) = (right.count(), exercises.len());
    let are = match all {
        1 => "is as it should be",
        _ => "are as they should be",
    };
    println!("{right} of {} {are}", counted(all, "exercise"));
    Ok(right == all)
}

fn troubles(
    workspace: &Workspace,
    exercises: &[Exercise],
    conditions: Conditions,
) -> Result<Vec<Vec<String>>> {
    let mut submissions = Vec::new();
    for exercise in exercises {
        let starter = starter::starter(workspace, exercise)?;
        let solution = workspace.read(exercise.solution())?;
        submissions.extend([starter, solution].map(|source| Submission {
            student: "nobody".into(),
            exercise: exercise.name.clone(),
            source: Ok(source),
        }));
    }
    let grades = grade_these(workspace, &submissions, conditions)?;
    let hints = exercises.iter().map(|exercise| exercise.hints(workspace));
    let hints = hints.collect::<Result<Vec<_>>>()?;
    let troubles = grades.chunks_exact(2).zip(hints).map(|(grades, hints)| {
        let mut trouble = trouble(&grades[0], &grades[1]);
        let checks = grades[1].checks.iter().map(|check| check.name.clone());
        let hints = hints.into_iter().map(|hint| hint.check);
        let (checks, hints): (BTreeSet<_>, BTreeSet<_>) = (checks.collect(), hints.collect());
        trouble.extend(
            checks
                .difference(&hints)
                .map(|check| format!("no hints for {check}")),
        );
        trouble.extend(
            hints
                .difference(&checks)
                .map(|check| format!("hints for no check: {check}")),
        );
        trouble
    });
    Ok(troubles.collect())
}

fn trouble(handed_out: &Grade, solved: &Grade) -> Vec<String> {
    let mut trouble = Vec::new();
    if handed_out.points() == handed_out.checks.len() {
        trouble.push("it passes as it is handed out".into());
    }
    if !matches!(handed_out.fate, Fate::Graded) {
        trouble.push(format!("as it is handed out: {}", handed_out.reason()));
    }
    if !handed_out.said.is_empty() {
        trouble.push(format!("as it is handed out: {}", handed_out.said));
    }
    if solved.points() < solved.checks.len() {
        trouble.push(format!("its solution does not pass: {}", solved.reason()));
    }
    trouble
}
