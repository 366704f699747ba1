//! What comes of grading.

use std::ffi::OsString;

use serde::Serialize;
use shared::Error;

/// In characters. Of the checks none says more in a line; a compiler may.
const LONGEST_REASON: usize = 600;

/// The grade of a submission.
pub struct Grade {
    /// The name of the student's folder.
    pub folder: OsString,
    pub exercise: String,
    pub fate: Fate,
    /// What the compiler said, or the tests beside their report.
    pub said: String,
    /// Every check, in the order of the lesson.
    pub checks: Vec<Check>,
}

/// What became of a submission.
pub enum Fate {
    /// The checks ran.
    Graded,
    /// They did not, because of the submission; or not all of them.
    Refused(String),
    /// They did not, through no fault of the submission: nobody knows what they would have found.
    NotGraded(Error),
}

#[derive(Clone, Serialize)]
pub struct Check {
    pub name: String,
    pub verdict: Verdict,
    /// Why it failed, and what was seen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    /// What did not run is not passed.
    NotRun,
}

impl Check {
    pub fn not_run(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            verdict: Verdict::NotRun,
            message: String::new(),
        }
    }
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not run",
        }
    }
}

impl Grade {
    /// The student's name, as far as it can be shown.
    pub fn student(&self) -> String {
        shown(&self.folder.to_string_lossy())
    }

    pub fn is_graded(&self) -> bool {
        !matches!(self.fate, Fate::NotGraded(_))
    }

    /// A point for every check that has passed.
    pub fn points(&self) -> usize {
        let passed = |check: &&Check| check.verdict == Verdict::Passed;
        self.checks.iter().filter(passed).count()
    }

    /// Why it is not all points, in a line that is not too long to be read.
    pub fn reason(&self) -> String {
        let reason = match &self.fate {
            Fate::Refused(reason) => reason.as_str(),
            Fate::NotGraded(error) => &format!("not graded: {error}"),
            Fate::Graded => {
                let failed = self
                    .checks
                    .iter()
                    .find(|check| check.verdict == Verdict::Failed);
                failed.map_or("", |check| first_line(&check.message))
            }
        };
        match reason.char_indices().nth(LONGEST_REASON) {
            Some((end, _)) => shown(&reason[..end]) + "…",
            None => shown(reason),
        }
    }
}

/// What a message says before it shows what was printed.
pub fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Without what would move the cursor of a terminal or turn the direction of a text.
pub fn shown(text: &str) -> String {
    let turns = |char| matches!(char, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let show = |char: char| {
        if char.is_control() || turns(char) {
            '\u{fffd}'
        } else {
            char
        }
    };
    text.chars().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_can_be_read_however_much_a_program_printed() {
        let grade = |printed: usize| Grade {
            folder: "ada".into(),
            exercise: "sync-cpu".into(),
            fate: Fate::Refused("é".repeat(printed)),
            said: String::new(),
            checks: Vec::new(),
        };
        assert_eq!(grade(600).reason(), "é".repeat(600));
        assert_eq!(grade(1_000_000).reason(), "é".repeat(600) + "…");
    }
}
