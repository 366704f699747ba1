//! Grades what students handed in.

mod check;
mod compile;
mod confinement;
mod crates;
mod grades;
mod lesson;
mod misplaced;
mod progress;
mod submissions;
#[cfg(target_os = "linux")]
mod supervisor;

use std::collections::BTreeMap;
#[cfg(target_os = "linux")]
use std::env;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use shared::{Error, Result};
use tempfile::TempDir;

use crate::exercises::{self, Exercise};
use crate::interruption::notice_interruptions;
use crate::starter;
use crate::workspace::Workspace;
pub use check::check;
use compile::{Compiled, compile};
use confinement::Confinement;
#[cfg(target_os = "linux")]
use confinement::SUPERVISOR;
use crates::{Place, Ready};
pub use grades::{Check, Fate, Grade, Verdict, first_line};
use progress::Progress;
use submissions::{Student, Submission};

/// What is to be graded.
pub struct Request {
    pub folder: PathBuf,
    /// None are named: those that any student has a folder for.
    pub exercises: Vec<String>,
    pub conditions: Conditions,
}

/// How what students wrote is run.
#[derive(Clone, Copy)]
pub struct Conditions {
    /// Without a sandbox.
    pub unconfined: bool,
    /// How long the tests of a submission may take.
    pub limit: Duration,
}

/// If this program was called in the place of the compiler, or to supervise a sandbox: does that.
pub fn in_another_role() -> Option<Result<ExitCode>> {
    #[cfg(target_os = "linux")]
    if env::args_os().nth(1).is_some_and(|job| job == SUPERVISOR) {
        return Some(supervisor::supervise(env::args_os().skip(2)));
    }
    crates::stand_in_for_the_compiler()
}

/// Grades every submission; when somebody interrupts, those that come later have no grade.
///
/// # Errors
/// There is nothing to grade, or no means to.
pub fn grade(workspace: &Workspace, request: &Request) -> Result<Vec<Grade>> {
    let names = submissions::students(&request.folder)?;
    let all = exercises::all(workspace)?;
    let known: Vec<String> = all.iter().map(|exercise| exercise.name.clone()).collect();
    let find = |name| Student::find(&request.folder, name, &known);
    let students: Vec<Student> = names.iter().map(find).collect();
    let is_graded = |exercise: &&Exercise| match request.exercises.is_empty() {
        true => students.iter().any(|student| student.has(&exercise.name)),
        false => request.exercises.contains(&exercise.name),
    };
    let graded: Vec<&Exercise> = all.iter().filter(is_graded).collect();
    if graded.is_empty() {
        let stray = students.iter().find_map(Student::stray);
        let stray = stray.map(|path| format!(", but there is {path}"));
        return Err(Error::new(format!(
            "no student in {} handed in an exercise: expected STUDENT/EXERCISE/src/main.rs{} \
             (`hand-out --list` shows the exercises)",
            request.folder.display(),
            stray.unwrap_or_default(),
        )));
    }
    let starter = |exercise: &&Exercise| starter::starter(workspace, exercise);
    let starters: Vec<String> = graded.iter().map(starter).collect::<Result<_>>()?;
    let read = |student: &Student| {
        let exercises = graded.iter().zip(&starters);
        let read =
            |(exercise, starter): (&&Exercise, &String)| student.read(&exercise.name, starter);
        exercises.map(read).collect::<Vec<Submission>>()
    };
    let submissions: Vec<Submission> = students.iter().flat_map(read).collect();
    grade_these(workspace, &submissions, request.conditions)
}

/// Grades what was handed in, or was made.
fn grade_these(
    workspace: &Workspace,
    submissions: &[Submission],
    conditions: Conditions,
) -> Result<Vec<Grade>> {
    let confinement = Confinement::find(conditions.unconfined)?;
    notice_interruptions()?;
    let place = Place::take(workspace)?;
    let progress = Progress::new(submissions.len());
    let names = submissions
        .iter()
        .map(|submission| submission.exercise.clone());
    let ready = crates::build(workspace, &place, &names.collect(), |name| {
        progress.building(name)
    })?;
    let grader = Grader {
        confinement,
        ready,
        // On the same disk as what is built: a system may keep its temporary files in memory.
        folder: tempfile::Builder::new()
            .prefix("grading-")
            .tempdir_in(&place.folder)?,
        limit: conditions.limit,
        progress,
    };
    Ok(grader.grade_all(submissions))
}

struct Grader {
    confinement: Confinement,
    ready: BTreeMap<String, Ready>,
    folder: TempDir,
    limit: Duration,
    progress: Progress,
}

impl Grader {
    /// Several are compiled at once; then each is run with the machine to itself. By turns, so
    /// that a large class does not fill the disk.
    fn grade_all(&self, submissions: &[Submission]) -> Vec<Grade> {
        let mut grades = Vec::new();
        for (turn, some) in submissions.chunks(TURN).enumerate() {
            let folder = self.folder.path().join(turn.to_string());
            let compiled = self.compile_all(some, &folder);
            for (index, (submission, compiled)) in some.iter().zip(compiled).enumerate() {
                let folder = folder.join(index.to_string());
                let grade = self.grade_one(submission, compiled, &folder);
                self.progress.graded(submission, &grade);
                grades.push(grade);
            }
            // Nobody submitted anything, then.
            let _ = fs::remove_dir_all(&folder);
        }
        grades
    }

    /// In the order of the submissions; `None` for what there is no source of.
    fn compile_all(
        &self,
        submissions: &[Submission],
        folder: &Path,
    ) -> Vec<Option<Result<Compiled>>> {
        let queue = Mutex::new(submissions.iter().enumerate());
        let work = || {
            let mut compiled = Vec::new();
            loop {
                let next = queue.lock().expect("nothing panics with it").next();
                let Some((index, submission)) = next else {
                    return compiled;
                };
                let source = submission.source.as_ref().ok();
                let folder = folder.join(index.to_string());
                let program = source.map(|source| self.compile_one(submission, source, &folder));
                compiled.push((index, program));
            }
        };
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("no panic");
        let mut compiled: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(join).collect()
        });
        compiled.sort_by_key(|(index, _)| *index);
        compiled.into_iter().map(|(_, program)| program).collect()
    }

    fn compile_one(
        &self,
        submission: &Submission,
        source: &str,
        folder: &Path,
    ) -> Result<Compiled> {
        let exercise = &submission.exercise;
        self.progress.compiling(submission);
        compile(
            &self.confinement,
            &self.ready[exercise],
            exercise,
            source,
            folder,
        )
    }

    fn grade_one(
        &self,
        submission: &Submission,
        compiled: Option<Result<Compiled>>,
        folder: &Path,
    ) -> Grade {
        let ready = &self.ready[&submission.exercise];
        let mut said = String::new();
        let mut checks = Vec::new();
        let fate = match (&submission.source, compiled) {
            (Err(reason), _) => Fate::Refused(reason.clone()),
            (Ok(_), None) => unreachable!("what has a source is compiled"),
            (Ok(_), Some(Err(error))) => Fate::NotGraded(error),
            (Ok(_), Some(Ok(compiled))) => {
                said = compiled.said;
                match compiled.program {
                    Err(reason) => Fate::Refused(reason),
                    Ok(program) => {
                        self.progress.testing(submission);
                        match lesson::run(&self.confinement, ready, &program, folder, self.limit) {
                            Err(error) => Fate::NotGraded(error),
                            Ok(tested) => {
                                said += &tested.said;
                                checks = tested.checks;
                                tested.fate
                            }
                        }
                    }
                }
            }
        };
        if checks.is_empty() {
            checks = ready
                .checks
                .iter()
                .map(|name| Check::not_run(name))
                .collect();
        }
        Grade {
            folder: submission.student.clone(),
            exercise: submission.exercise.clone(),
            fate,
            said,
            checks,
        }
    }
}

/// How many submissions are compiled before the first of them is run.
const TURN: usize = 32;
