//! Hands exercises out, and grades what comes back.
//!
//! `cargo run -p classroom -- hand-out --list` shows the exercises; `classroom/README.md` tells
//! how to teach with them.
//!
//! Its parts are [`exercises`], which reads what an exercise is, and [`hand_out`], which makes
//! one: a [`starter`], its [`manifests`] and the [`task`].

mod exercises;
mod hand_out;
mod list;
mod manifests;
mod options;
mod starter;
mod task;
mod workspace;

use std::process::ExitCode;

use exercises::Exercise;
use options::Job;
use shared::Result;
use workspace::Workspace;

fn main() -> Result<ExitCode> {
    let job = options::read();
    let workspace = Workspace::find()?;
    match job {
        Job::List => list::print(&exercises::all(&workspace)?),
        Job::HandOut { folder, exercises } => {
            hand_out::hand_out(&workspace, &folder, &chosen(&workspace, &exercises)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The exercises of these names, or all.
fn chosen(workspace: &Workspace, names: &[String]) -> Result<Vec<Exercise>> {
    let known = exercises::names(workspace)?;
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        options::refuse(&format!(
            "there is no exercise '{unknown}' (`hand-out --list` shows which there are)"
        ));
    }
    let mut exercises = exercises::all(workspace)?;
    exercises.retain(|exercise| names.is_empty() || names.contains(&exercise.name));
    Ok(exercises)
}
