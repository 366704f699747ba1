//! Shows how far the grading is: by a bar on a terminal, by lines elsewhere, as in a log.

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use shared::output::{complain, counted};

use super::grades::Grade;
use super::submissions::Submission;
use crate::interruption::interrupted;

/// All of it goes to standard error.
pub struct Progress(ProgressBar);

impl Progress {
    /// Nothing is graded yet.
    pub fn new(submissions: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos} of {len} {elapsed} {msg}")
            .expect("it is a template")
            .progress_chars("━╸ ");
        let bar = ProgressBar::new(submissions as u64);
        Self(bar.with_style(style).with_finish(ProgressFinish::AndClear))
    }

    /// The first time this takes minutes.
    pub fn building(&self, exercise: &str) {
        let building = format!("building the tests of {exercise}");
        if self.0.is_hidden() {
            complain(format_args!("{building}"));
        }
        self.0.set_message(building);
        self.0.tick();
    }

    pub fn compiling(&self, submission: &Submission) {
        self.0
            .set_message(format!("compiling {}", submission.name()));
    }

    pub fn testing(&self, submission: &Submission) {
        self.0.set_message(format!("testing {}", submission.name()));
    }

    pub fn graded(&self, submission: &Submission, grade: &Grade) {
        self.0.inc(1);
        // What comes after an interruption is counted at the end.
        if !self.0.is_hidden() || interrupted() {
            return;
        }
        let came = match grade.is_graded() {
            true => format!(
                "{} of {}",
                grade.points(),
                counted(grade.checks.len(), "point")
            ),
            false => grade.reason(),
        };
        let (done, all) = (self.0.position(), self.0.length().unwrap_or_default());
        complain(format_args!(
            "{done} of {all}: {}, {came}",
            submission.name()
        ));
    }
}
