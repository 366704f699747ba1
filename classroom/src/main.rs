//! Hands exercises out, and grades what comes back.
//!
//! `cargo run -p classroom -- hand-out --list` shows the exercises; `classroom/README.md` tells
//! how to teach with them.
//!
//! Its parts are [`exercises`], which reads what an exercise is; [`hand_out`], which makes
//! one: a [`starter`], its [`manifests`] and the [`task`]; [`grade`], which runs the tests on what
//! students wrote; [`report`], which shows what came of it; and the [`board`], which shows a room
//! its requests while they are in flight.

mod board;
mod exercises;
mod grade;
mod hand_out;
mod list;
mod manifests;
mod options;
mod report;
mod starter;
mod task;
mod workspace;

use std::env;
use std::process::ExitCode;

use exercises::Exercise;
use grade::Grade;
use options::Job;
use shared::output::{complain, counted};
use shared::{Result, println};
use workspace::Workspace;

fn main() -> Result<ExitCode> {
    if let Some(compiled) = grade::stand_in_for_the_compiler() {
        return compiled;
    }
    #[cfg(target_os = "linux")]
    if env::args_os()
        .nth(1)
        .is_some_and(|job| job == grade::SUPERVISOR)
    {
        return grade::supervise(env::args_os().skip(2));
    }
    let job = options::read();
    if let Job::Board(request) = &job {
        return board::run(request);
    }
    let workspace = Workspace::find()?;
    match job {
        Job::Board(_) => unreachable!("it needs no workspace"),
        Job::List => list::print(&exercises::all(&workspace)?),
        Job::HandOut { folder, exercises } => {
            hand_out::hand_out(&workspace, &folder, &chosen(&workspace, &exercises)?)?;
        }
        Job::Check {
            exercises,
            unconfined,
            limit,
        } => {
            let exercises = chosen(&workspace, &exercises)?;
            let troubles = grade::check(&workspace, &exercises, unconfined, limit)?;
            for (exercise, troubles) in exercises.iter().zip(&troubles) {
                for trouble in troubles {
                    complain(format_args!("{}: {trouble}", exercise.name));
                }
            }
            let right = troubles.iter().filter(|troubles| troubles.is_empty());
            let (right, all) = (right.count(), exercises.len());
            println!(
                "{right} of {} are as they should be",
                counted(all, "exercise")
            );
            return Ok(ExitCode::from(u8::from(right < all)));
        }
        Job::Grade { request, targets } => {
            chosen(&workspace, &request.exercises)?;
            targets
                .check()
                .unwrap_or_else(|trouble| options::refuse(&trouble));
            let grades = match grade::grade(&workspace, &request) {
                // What a shell says of a program that Ctrl-C ended.
                Err(_) if grade::interrupted() => return Ok(ExitCode::from(130)),
                grades => grades?,
            };
            targets.report(&grades)?;
            if grade::interrupted() {
                return Ok(ExitCode::from(130));
            }
            if !grades.iter().all(Grade::is_graded) {
                return Ok(ExitCode::FAILURE);
            }
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
