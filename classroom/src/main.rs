//! Hands exercises out, and grades what comes back.
//!
//! `cargo run -p classroom -- hand-out --list` shows the exercises; `classroom/README.md` tells
//! how to teach with them.
//!
//! Its parts are [`exercises`], which reads what an exercise is; [`mod@hand_out`], which makes
//! one: a [`starter`], its [`manifests`] and the [`task`]; [`mod@grade`], which runs the tests on what
//! students wrote; [`report`], which shows what came of it; and the [`board`], which shows a room
//! its requests while they are in flight.

mod board;
mod exercises;
mod grade;
mod hand_out;
mod interruption;
mod list;
mod manifests;
mod options;
mod report;
mod starter;
mod task;
mod watching;
mod workspace;

use std::path::Path;
use std::process::ExitCode;

use exercises::Exercise;
use grade::Request;
use interruption::interrupted;
use options::Job;
use report::Targets;
use shared::Result;
use shared::output::{complain, counted};
use workspace::Workspace;

fn main() -> Result<ExitCode> {
    if let Some(ended) = grade::in_another_role() {
        return ended;
    }
    match options::read() {
        Job::Board(request) => board::run(&request),
        Job::List => {
            list::print(&exercises::all(&Workspace::find()?)?);
            Ok(ExitCode::SUCCESS)
        }
        Job::HandOut { folder, exercises } => hand_out(&Workspace::find()?, &folder, &exercises),
        Job::Check {
            exercises,
            conditions,
        } => {
            let workspace = Workspace::find()?;
            let exercises = chosen(&workspace, &exercises)?;
            let right = grade::check(&workspace, &exercises, conditions)?;
            Ok(ExitCode::from(u8::from(!right)))
        }
        Job::Grade { request, targets } => grade(&Workspace::find()?, &request, &targets),
    }
}

fn hand_out(workspace: &Workspace, folder: &Path, names: &[String]) -> Result<ExitCode> {
    let known = exercises::names(workspace)?;
    if let Some(name) = known.iter().find(|name| Path::new(name) == folder) {
        options::refuse(&format!(
            "'{name}' is an exercise, and the folder to make comes first: did you mean \
             `hand-out FOLDER {name}`? (a folder of that name is ./{name})"
        ));
    }
    match hand_out::hand_out(workspace, folder, &chosen(workspace, names)?) {
        Err(_) if interrupted() => {
            complain(format_args!("Interrupted: nothing was handed out"));
            Ok(INTERRUPTED.into())
        }
        made => made.map(|()| ExitCode::SUCCESS),
    }
}

fn grade(workspace: &Workspace, request: &Request, targets: &Targets) -> Result<ExitCode> {
    chosen(workspace, &request.exercises)?;
    if let Err(trouble) = targets.check() {
        options::refuse(&trouble);
    }
    let grades = match grade::grade(workspace, request) {
        Err(_) if interrupted() => {
            complain(format_args!("Interrupted: nothing was graded"));
            return Ok(INTERRUPTED.into());
        }
        grades => grades?,
    };
    targets.report(&grades)?;
    let missing = grades.iter().filter(|grade| !grade.is_graded()).count();
    if missing == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    if !interrupted() {
        return Ok(ExitCode::FAILURE);
    }
    let were = if missing == 1 { "was" } else { "were" };
    let missing = counted(missing, "submission");
    complain(format_args!("Interrupted: {missing} {were} not graded"));
    Ok(INTERRUPTED.into())
}

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

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
